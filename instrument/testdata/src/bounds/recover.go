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

func secondDefer(f func() int) {
	defer func() { recover() }()
	defer work2(f())
	gv.Safepoint()
}

func harmlessDefer(b bool) {
	defer func() { recover() }()
	defer func() { work2(1) }()
	gv.Safepoint()
	if b {
		boom()
	}
}

func work2(int) {}

func recoveredFromOperands(f func() int) {
	for { // want `no safepoint`
		secondDefer(f)
	}
}

func recoveredAfterAll(b bool) {
	for { // ok
		harmlessDefer(b)
	}
}

func negativeMask() (n int) {
	for i := 0; ; i++ { // want `nothing in memory bounds`
		if i&-1 == 0 {
			gv.Safepoint() // once
		}
		n++
	}
}
