package dep

import gv "github.com/gvthread/gvthread/runtime"

func Always(n int) { // want Always:`yields`
	if n > 0 {
		gv.Yield()
		return
	}
	gv.Safepoint()
}

func Sometimes(n int) {
	if n > 0 {
		gv.Yield()
	}
	work()
}

func work()

func Add(a, b int) int { return a + b } // want Add:`leaf\([0-9]+\)`

type M struct{}

func (M) Through() { Always(1) } // want Through:`yields`

func Deferred() {
	defer gv.Yield()
	work()
}

func Generic[T any](T) { gv.Safepoint() } // want Generic:`yields`
