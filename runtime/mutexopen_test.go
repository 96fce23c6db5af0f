package gv_test

//lint:file-ignore SA2001 to lock and unlock is all that is wanted here

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// Short critical sections beside waiters, waits that are cancelled, and changes of priority: a
// Mutex has one owner at a time, and is free in the end.
func TestMutexOpenExcludes(t *testing.T) {
	const members, rounds = 8, 4 * gv.ManyPasses
	forEachCrew(t, func(t *testing.T, g *crew) {
		var m gv.Mutex
		inside := 0
		for id := range members {
			r := rand.New(rand.NewPCG(uint64(id), 1))
			g.start(func() {
				for range rounds {
					if !lockSomehow(&m, r) {
						continue
					}
					if inside++; inside != 1 {
						t.Error("two have the lock")
					}
					if r.IntN(500) == 0 {
						gv.Yield()
					}
					inside--
					m.Unlock()
				}
			})
		}
		g.wait()
		if m.Waiting() != 0 || !m.TryLock() {
			t.Error("the lock was lost")
		}
	})
}

// lockSomehow locks m, mostly by Lock, and reports whether it has.
func lockSomehow(m *gv.Mutex, r *rand.Rand) bool {
	switch r.IntN(100) {
	case 0:
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		return m.LockContext(ctx) == nil
	case 1:
		return m.TryLock()
	case 2:
		if me := gv.Current(); me != nil {
			me.SetPriority(gv.Priority(r.IntN(4)))
		}
	}
	m.Lock()
	return true
}

// A goroutine that has been woken is not passed over more often than it may be, though it may
// get no processor.
func TestMutexOpenIsHandedOver(t *testing.T) {
	forEachCaller(t, func(t *testing.T, _ *gv.Runtime) {
		var m gv.Mutex
		var served atomic.Bool
		m.Lock()
		done := make(chan struct{})
		go func() {
			defer close(done)
			m.Lock()
			served.Store(true)
			m.Unlock()
		}()
		gv.Block(func() { untilWaiting(&m, 1) })
		passes := 0
		for !served.Load() {
			m.Unlock()
			m.Lock()
			passes++
		}
		m.Unlock()
		gv.Block(func() { <-done })
		if passes > gv.ManyPasses+1 {
			t.Errorf("the waiter was passed over %d times", passes)
		}
	})
}

// A Mutex is not handed over to a waiter that has been woken while all workers are busy: all
// others would wait for that one to get a worker.
func TestMutexOpenStaysOpenWithoutAWorker(t *testing.T) {
	oneWorker(t, func(rt *gv.Runtime) (err error) {
		var m gv.Mutex
		th, had := lockBehind(rt, &m)
		occupy(rt, func() {
			m.Unlock()
			for i := range 3 * gv.ManyPasses {
				if !m.TryLock() {
					if !had.Load() { // or the gate was disturbed, and it has had its turn
						err = fmt.Errorf("the lock was handed over after %d times", i)
					}
					return
				}
				m.Unlock()
			}
		})
		th.Wait()
		return err
	})
}

// The owner of an open Mutex runs at the priority of a waiter that comes, and hands over to it.
func TestMutexOpenLends(t *testing.T) {
	onOpenMutex(t, []string{"high", "owner", "low"}, func(m *gv.Mutex, _ *gv.Thread, turns *journal[string]) {
		gv.Go(func(context.Context) error {
			m.Lock()
			turns.add("high")
			m.Unlock()
			return nil
		}, gv.WithPriority(gv.High))
	})
}

// The same where the waiter that is awake gets a higher priority.
func TestMutexOpenLendsForAwakeWaiter(t *testing.T) {
	onOpenMutex(t, []string{"low", "owner"}, func(_ *gv.Mutex, low *gv.Thread, _ *journal[string]) {
		low.SetPriority(gv.High)
	})
}

// onOpenMutex calls raise in a Normal thread that owns an open Mutex, for which the thread low
// waits, awake. By raise a waiter becomes High, whose priority is lent to the owner. The Mutex
// is locked in the order want.
func onOpenMutex(t *testing.T, want []string, raise func(m *gv.Mutex, low *gv.Thread, turns *journal[string])) {
	oneWorker(t, func(rt *gv.Runtime) error {
		var m gv.Mutex
		var turns journal[string]
		err := rt.Run(func(context.Context) error {
			me := gv.Current()
			m.Lock()
			low := gv.Go(func(context.Context) error {
				m.Lock()
				turns.add("low")
				m.Unlock()
				return nil
			}, gv.WithPriority(gv.Low))
			gv.Block(func() { untilWaiting(&m, 1) })
			m.Unlock() // wakes the waiter, which has no worker
			m.Lock()
			if n := me.LentBy(); n != 0 {
				return fmt.Errorf("the owner is lent something by %d mutexes", n)
			}
			raise(&m, low, &turns)
			if p := me.Effective(); p != gv.High {
				return fmt.Errorf("the owner runs at %v", p)
			}
			m.Unlock()
			turns.add("owner")
			if n := me.LentBy(); n != 0 {
				return errors.New("what the owner was lent has not ended")
			}
			return low.Wait()
		})
		if got := turns.all(); err == nil && !slices.Equal(got, want) {
			err = fmt.Errorf("locked in the order %q, want %q", got, want)
		}
		return err
	})
}
