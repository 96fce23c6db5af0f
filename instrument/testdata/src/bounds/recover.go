package bounds

import gv "github.com/gvthread/gvthread/runtime"

func boom() { panic("boom") }

func survives() {
	defer func() { recover() }()
	boom()
}

func perhaps(b bool) {
	defer func() { recover() }()
	if b {
		boom()
	}
	gv.Safepoint()
}

func atOnce(b bool) {
	defer func() { recover() }()
	gv.Safepoint()
	if b {
		boom()
	}
}

func cannotRecover(b bool, f func()) {
	defer func() { f() }()
	if b {
		boom()
	}
	gv.Safepoint()
}

func recovered(b bool, f func()) {
	for { // want `no safepoint`
		survives() // and never gets to a safepoint
	}
}

func recoveredInTurn(b bool) {
	for { // want `no safepoint`
		perhaps(b)
	}
}

func recoveredAfter(b bool) {
	for { // ok
		atOnce(b)
	}
}

func notRecovered(b bool, f func()) {
	for { // ok
		cannotRecover(b, f)
	}
}
