// Package names is documented here.
package names // trailing

func noImports(f func()) {
	for { // want `no safepoint`
		f()
	}
}
