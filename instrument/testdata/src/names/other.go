package names

import "othergv/gv"

func other(f func()) {
	gv.F()
	for { // want `no safepoint`
		f()
	}
}
