package dotimport

import . "github.com/gvthread/gvthread/runtime"

func f(g func()) {
	for { // ok
		Safepoint()
		g()
	}
	for { // ok: unreachable
		g()
	}
}

func h(g func()) {
	for { // want `no safepoint`
		g()
	}
}
