package gv_test

//lint:file-ignore SA2001 to lock and unlock is all that is wanted here

import (
	"context"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// waitFor has a Critical thread wait for m, which is locked. What it returns waits until that
// thread has had the lock.
func waitFor(rt *gv.Runtime, m *gv.Mutex) (served func()) {
	before := m.Waiting()
	th := rt.Go(func(context.Context) error {
		m.Lock()
		m.Unlock()
		return nil
	}, gv.WithPriority(gv.Critical))
	untilWaiting(m, before+1)
	until(func() bool { return th.State() == gv.StateBlocked })
	return func() { th.Wait() }
}

// A mutex that a thread has left locked lends nothing to the next thread on the same
// goroutine.
func TestMutexOfThreadThatHasEnded(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var m gv.Mutex
		for range 20 {
			rt.Go(func(context.Context) error {
				m.Lock()
				return nil
			}, gv.WithPriority(gv.Low)).Wait()
			next := newHolder(rt, gv.Low)
			served := waitFor(rt, &m)
			if p, ok := m.Lent(); ok {
				t.Errorf("%v lent, where the owner has ended", p)
			}
			next.wantEffective(t, gv.Low)
			wantLine(t, dump(t, rt), `thread \d+: Critical, waits to lock a Mutex of a thread that has ended.*`)
			next.do(m.Unlock)
			served()
			next.end()
		}
	})
}

// A thread that ends while others wait for its mutex leaves no trace of the loan.
func TestMutexOwnerEndsWhileOthersWait(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var m gv.Mutex
		owner := newHolder(rt, gv.Low)
		owner.do(m.Lock)
		served := waitFor(rt, &m)
		owner.wantEffective(t, gv.Critical)
		owner.end()
		again := waitFor(rt, &m)
		m.Unlock()
		served()
		again()
		if n := owner.LentBy(); n != 0 {
			t.Errorf("the thread that has ended is still lent something by %d mutexes", n)
		}
		if !m.TryLock() {
			t.Error("the lock was lost")
		}
	})
}

// On one goroutine, the thread that has locked a mutex is its owner, not the one that it
// carries otherwise.
func TestMutexOwnerOnSharedGoroutine(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var outers, inners, goroutines gv.Mutex
		check := func(m *gv.Mutex, lent bool, th *gv.Thread, want gv.Priority) {
			t.Helper()
			served := waitFor(rt, m)
			if p, ok := m.Lent(); ok != lent {
				t.Errorf("lent is %v, %v", p, ok)
			}
			if got := th.Effective(); got != want {
				t.Errorf("effective priority %v, want %v", got, want)
			}
			m.Unlock()
			served()
		}
		goroutines.Lock()
		err := rt.Do(func(context.Context) error {
			outer := gv.Current()
			check(&goroutines, false, outer, gv.Low)
			outers.Lock()
			err := rt.Do(func(context.Context) error {
				inner := gv.Current()
				inners.Lock()
				check(&inners, true, inner, gv.Critical)
				check(&outers, true, outer, gv.Critical)
				if p := inner.Effective(); p != gv.Low {
					t.Errorf("effective priority %v of the inner thread", p)
				}
				inners.Lock() // and leaves it so
				return nil
			}, gv.WithPriority(gv.Low))
			outers.Lock()
			check(&inners, false, outer, gv.Low)
			check(&outers, true, outer, gv.Critical)
			return err
		}, gv.WithPriority(gv.Low))
		if err != nil {
			t.Error(err)
		}
	})
}

// Two may unlock a mutex at the same time that is locked once, and once more in between: none
// of them unlocks too often.
func TestMutexUnlocksOfOthersRace(t *testing.T) {
	const rounds = 300
	forEachCrew(t, func(t *testing.T, g *crew) {
		var m gv.Mutex
		var locked atomic.Int32
		for range 2 {
			g.start(func() {
				for range rounds {
					m.Lock()
					locked.Add(1)
				}
			})
			g.start(func() {
				for range rounds {
					for n := locked.Load(); n == 0 || !locked.CompareAndSwap(n, n-1); n = locked.Load() {
						gv.Yield()
					}
					m.Unlock()
				}
			})
		}
		g.wait()
		if !m.TryLock() {
			t.Error("the lock was lost")
		}
	})
}

// The number of a thread that has ended is free.
func TestMutexOwnersAreForgotten(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var m gv.Mutex
		var numbers []uint32
		use := func(context.Context) error {
			m.Lock()
			n := gv.Current().OwnerNumber()
			if !gv.IsOwnerNumber(n) {
				t.Errorf("the number %d of a thread that has a Mutex is free", n)
			}
			numbers = append(numbers, n)
			m.Unlock()
			return nil
		}
		for range 100 {
			rt.Go(use).Wait()
			rt.Do(use)
		}
		for _, n := range numbers {
			if gv.IsOwnerNumber(n) {
				t.Errorf("the number %d of a thread that has ended is not free", n)
			}
		}
	})
}
