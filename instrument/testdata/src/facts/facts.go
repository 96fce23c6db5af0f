package facts

import (
	"context"

	"facts/dep"

	"github.com/gvthread/gvthread/runtime"
)

func loops(n int, s []int, m *gv.Mutex) {
	for { // ok
		dep.Always(n)
		if n++; n > 3 {
			break
		}
	}
	for i := 0; i < n; i++ { // ok
		dep.M{}.Through()
	}
	for i := 0; i < n; i++ { // ok
		dep.Generic(i)
	}
	for i := 0; i < n; i++ { // want `no safepoint`
		dep.Sometimes(n)
	}
	for i := 0; i < n; i++ { // want `no safepoint`
		dep.Deferred()
	}
	for _, v := range s { // ok
		n = dep.Add(n, v)
	}
	for { // want `no safepoint`
		m.Lock() // had at once if it is free
		m.Unlock()
	}
	for { // ok
		gv.Yield()
	}
}

func groups(g *gv.Group, wg *gv.WaitGroup, f func(context.Context) error) {
	for { // ok: it yields, whether it starts a thread or not
		if g.Go(f) != nil {
			break
		}
	}
	for g.TryGo(f) { // ok
	}
	for { // ok
		wg.Go(f)
	}
}

func partly(n int, c bool) {
	for i := 0; i < n; i++ { // want `no safepoint`
		if c && Safe() {
			continue
		}
	}
	for i := 0; i < n; i++ { // ok
		if Safe() && c {
			continue
		}
	}
	for i := 0; i < n; i++ { // want `no safepoint`
		go gv.Safepoint()
	}
	for i := 0; i < n; i++ { // want `no safepoint`
		_ = func() { gv.Safepoint() }
	}
	for i := 0; i < n; i++ { // ok
		func() { gv.Safepoint() }()
	}
	for i := 0; i < n; i++ { // ok: the strided form
		if i&1023 == 0 {
			gv.Safepoint()
		}
	}
	for i := 0; i < n; i += 2 { // want `no safepoint`
		if i&1023 == 1023 {
			gv.Safepoint()
		}
	}
}

func Safe() bool { // want Safe:`yields`
	gv.Safepoint()
	return true
}
