package hotpath

//lint:file-ignore SA2001 to lock and unlock is all that is wanted here

import (
	"context"
	"sync/atomic"

	gv "github.com/gvthread/gvthread/runtime"
)

// nothing is the function of threads that do nothing.
func nothing(context.Context) error { return nil }

func yield(rt *gv.Runtime, n int, measure func(func())) error {
	return rt.Run(func(context.Context) error {
		var stop atomic.Bool
		other := gv.Go(func(context.Context) error {
			for !stop.Load() {
				gv.Yield()
			}
			return nil
		})
		gv.Yield() // the other starts
		measure(func() {
			for range n / 2 {
				gv.Yield() // and the other has, too, when it is back
			}
		})
		stop.Store(true)
		return other.Wait()
	})
}

func handover(rt *gv.Runtime, n int, measure func(func())) error {
	return rt.Run(func(context.Context) error {
		ping, pong := gv.NewChan[int](0), gv.NewChan[int](0)
		other := gv.Go(func(context.Context) error {
			for v := range ping.All() {
				pong.Send(v)
			}
			return nil
		})
		pass := func(n int) {
			for i := range n / 2 {
				ping.Send(i)
				pong.Recv()
			}
		}
		pass(2) // the other starts
		measure(func() { pass(n) })
		ping.Close()
		return other.Wait()
	})
}

func choose(rt *gv.Runtime, n int, measure func(func())) error {
	return rt.Run(func(context.Context) error {
		ping, pong, never := gv.NewChan[int](0), gv.NewChan[int](0), gv.NewChan[int](0)
		other := gv.Go(func(context.Context) error {
			var v int
			for {
				if _, err := gv.Select(gv.RecvCase(ping, &v), gv.RecvCase(never, &v)); err != nil {
					return nil // ping is closed
				}
				pong.Send(v)
			}
		})
		pass := func(n int) {
			var v int
			for i := range n {
				ping.Send(i)
				gv.Select(gv.RecvCase(pong, &v), gv.RecvCase(never, &v))
			}
		}
		pass(1)
		measure(func() { pass(n) })
		ping.Close()
		return other.Wait()
	})
}

func mutex(rt *gv.Runtime, n int, measure func(func())) error {
	return rt.Run(func(context.Context) error {
		var m gv.Mutex
		measure(func() {
			for range n {
				m.Lock()
				m.Unlock()
			}
		})
		return nil
	})
}

func spawn(rt *gv.Runtime, n int, measure func(func())) error {
	return rt.Run(func(context.Context) error {
		measure(func() {
			for range n {
				rt.Go(nothing).Wait()
			}
		})
		return nil
	})
}

func do(rt *gv.Runtime, n int, measure func(func())) error {
	measure(func() {
		for range n {
			rt.Do(nothing)
		}
	})
	return nil
}
