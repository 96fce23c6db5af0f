package gv_test

import (
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// What the tests of package sync and of golang.org/x/sync/semaphore ask, as far as
// the tests of the primitives here don't ask it in their own words.

// A Signal goes to one who waits already, not to one who begins to wait after it
// and gets the lock first.
func TestCondSignalIsNotStolen(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		for range 300 {
			var m gv.Mutex
			c := gv.NewCond(&m)
			var first, second atomic.Bool
			g.start(func() {
				m.Lock()
				c.Wait()
				first.Store(true)
				m.Unlock()
			})
			untilWaiting(c, 1)
			// The lock is held from before the Signal to after the second has
			// begun to wait.
			m.Lock()
			c.Signal()
			g.start(func() {
				m.Lock()
				c.Wait()
				second.Store(true)
				m.Unlock()
			})
			m.Unlock()
			until(first.Load)
			untilWaiting(c, 1)
			if second.Load() {
				t.Fatal("the second has been signaled")
			}
			m.Lock()
			c.Signal()
			m.Unlock()
			g.wait()
		}
	})
}

// Two wait on one Cond for different things, and a Broadcast serves both.
func TestCondOfTwoConditions(t *testing.T) {
	const rounds = 300
	forEachCrew(t, func(t *testing.T, g *crew) {
		var m gv.Mutex
		c := gv.NewCond(&m)
		turn := 0
		for me := range 3 {
			g.start(func() {
				m.Lock()
				defer m.Unlock()
				for i := range rounds {
					for turn != 3*i+me {
						c.Wait()
					}
					turn++
					c.Broadcast()
				}
			})
		}
		g.wait()
		if turn != 3*rounds {
			t.Errorf("turn %d, want %d", turn, 3*rounds)
		}
	})
}

// What TryLock and TryRLock find in each state of an RWMutex.
func TestRWMutexTry(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		var rw gv.RWMutex
		try := func(state string, write, read bool) {
			t.Helper()
			if got := rw.TryLock(); got != write {
				t.Errorf("%s: TryLock reports %v", state, got)
			} else if got {
				rw.Unlock()
			}
			if got := rw.TryRLock(); got != read {
				t.Errorf("%s: TryRLock reports %v", state, got)
			} else if got {
				rw.RUnlock()
			}
		}
		try("unlocked", true, true)
		rw.RLock()
		try("read-locked", false, true)
		rw.RLock()
		try("read-locked twice", false, true)
		g.start(func() {
			rw.Lock()
			rw.Unlock()
		})
		untilWritersWait(&rw, 1)
		try("read-locked, and a writer waits", false, false)
		rw.RUnlock()
		try("read-locked once, and a writer waits", false, false)
		rw.RUnlock()
		g.wait()
		try("unlocked again", true, true)
		rw.Lock()
		try("locked", false, false)
		// Another may unlock it.
		g.start(rw.Unlock)
		g.wait()
		try("unlocked by another", true, true)
	})
}

// A WaitGroup lets all go who wait, and may be used again by those who were
// waiting, at once.
func TestWaitGroupManyWaitAgain(t *testing.T) {
	const waiters, rounds = 10, 20
	forEachCrew(t, func(t *testing.T, g *crew) {
		var wg [rounds + 1]gv.WaitGroup
		for i := range wg {
			wg[i].Add(1)
		}
		wg[0].Done()
		var arrived [rounds]atomic.Int32
		for range waiters {
			g.start(func() {
				for i := range rounds {
					wg[i].Wait()
					if arrived[i].Add(1) == waiters {
						wg[i+1].Done()
					}
				}
			})
		}
		wg[rounds].Wait()
		g.wait()
		for i := range arrived {
			if n := arrived[i].Load(); n != waiters {
				t.Fatalf("%d of %d have come through round %d", n, waiters, i)
			}
		}
	})
}

// One who asks for all of a Semaphore gets it, though others take and give back
// small parts all the time.
func TestSemaphoreLargeRequestIsServed(t *testing.T) {
	const size, members = 10, 8
	forEachCrew(t, func(t *testing.T, g *crew) {
		s := gv.NewSemaphore(size)
		var stop atomic.Bool
		var busy atomic.Int32
		for range members {
			g.start(func() {
				for first := true; !stop.Load(); first = false {
					if err := s.Acquire(background, 1); err != nil {
						t.Error(err)
						return
					}
					if first {
						busy.Add(1)
					}
					gv.Yield()
					s.Release(1)
				}
			})
		}
		until(func() bool { return busy.Load() == members })
		if err := s.Acquire(background, size); err != nil {
			t.Error(err)
		}
		stop.Store(true)
		s.Release(size)
		g.wait()
	})
}
