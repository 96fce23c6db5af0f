package gv_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// Whoever ends the waits of many wakes all of them: threads and goroutines, some of them
// cancelled meanwhile, and more than are woken at a time.
func TestManyAreWoken(t *testing.T) {
	const many = 3 * gv.ChainMost
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			for name, what := range manyWaits() {
				t.Run(name, func(t *testing.T) {
					rt := open(t, gv.Config{Engine: engine, Workers: 2})
					wait, end := what(rt)
					var ended atomic.Int32
					var goroutines sync.WaitGroup
					ts := make([]*gv.Thread, many)
					for i := range ts {
						ts[i] = rt.Go(func(context.Context) error {
							err := wait()
							ended.Add(1)
							return err
						}, gv.WithPriority(gv.Priority(i%4)))
						goroutines.Go(func() {
							if err := wait(); err != nil {
								t.Error(err)
							}
						})
					}
					for _, th := range ts {
						until(func() bool { return th.State() == gv.StateBlocked })
					}
					cancelled := make(chan struct{})
					go func() {
						defer close(cancelled)
						for i := 0; i < many; i += 5 {
							ts[i].Cancel(nil)
						}
					}()
					if err := rt.Do(func(context.Context) error { end(); return nil }, gv.WithPriority(gv.Low)); err != nil {
						t.Error(err)
					}
					<-cancelled
					goroutines.Wait()
					for i, th := range ts {
						if err := th.Wait(); err != nil && (i%5 != 0 || !errors.Is(err, gv.ErrCancelled)) {
							t.Errorf("thread %d: %v", i, err)
						}
					}
					if n := ended.Load(); n != many {
						t.Errorf("%d waits have ended, want %d", n, many)
					}
				})
			}
		})
	}
}

// manyWaits are the calls that end the waits of many: how one waits, and what ends it. Each
// returns when its wait has ended, with an error only if it was cancelled.
func manyWaits() map[string]func(rt *gv.Runtime) (wait func() error, end func()) {
	const waiters = 6 * gv.ChainMost // threads and goroutines
	return map[string]func(rt *gv.Runtime) (func() error, func()){
		"Chan.Close": func(*gv.Runtime) (func() error, func()) {
			c := gv.NewChan[int](0)
			return func() error {
				if _, err := c.Recv(); !errors.Is(err, gv.ErrClosed) {
					return err
				}
				return nil
			}, c.Close
		},
		"Cond.Broadcast": func(*gv.Runtime) (func() error, func()) {
			var mu gv.Mutex
			cond, over := gv.NewCond(&mu), false
			return func() error {
					mu.Lock()
					defer mu.Unlock()
					for !over {
						if err := cond.WaitContext(background); err != nil {
							return err
						}
					}
					return nil
				}, func() {
					mu.Lock()
					defer mu.Unlock()
					over = true
					cond.Broadcast()
				}
		},
		"WaitGroup.Done": func(*gv.Runtime) (func() error, func()) {
			var wg gv.WaitGroup
			wg.Add(1)
			return func() error { return wg.WaitContext(background) }, wg.Done
		},
		"Semaphore.Release": func(rt *gv.Runtime) (func() error, func()) {
			s := gv.NewSemaphore(waiters)
			if err := rt.Do(func(context.Context) error { return s.Acquire(background, waiters) }); err != nil {
				panic(err)
			}
			return func() error { return s.Acquire(background, 1) }, func() { s.Release(waiters) }
		},
		"RWMutex.Unlock": func(*gv.Runtime) (func() error, func()) {
			var rw gv.RWMutex
			rw.Lock()
			return func() error {
				rw.RLock()
				rw.RUnlock()
				return nil
			}, rw.Unlock
		},
		"the end of a thread": func(rt *gv.Runtime) (func() error, func()) {
			c := gv.NewChan[int](0)
			th := rt.Go(func(context.Context) error {
				_, err := c.Recv()
				if errors.Is(err, gv.ErrClosed) {
					return nil
				}
				return err
			})
			return th.Wait, c.Close
		},
	}
}
