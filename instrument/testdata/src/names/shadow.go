package names

import gv "github.com/gvthread/gvthread/runtime"

func visible(f func()) {
	gv.Yield()
	for { // want `no safepoint`
		f()
	}
}

func shadowed(f func()) {
	gv := 1
	for { // want `no safepoint`
		f()
		gv++
	}
}
