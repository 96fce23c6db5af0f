package arch

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Wake ends the Sleep under way; one that came before ends the next.
func TestSleeperWake(t *testing.T) {
	forPair(t) // a sleeper may hold its P
	for _, holdP := range []bool{true, false} {
		var s Sleeper
		s.Wake()
		s.Sleep(time.Hour, false)
		const rounds = 200
		var asleep, awake atomic.Int32
		var done sync.WaitGroup
		done.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for range rounds {
				asleep.Add(1)
				// Sleep may return early: until Wake has come.
				for round := asleep.Load(); awake.Load() < round; {
					s.Sleep(time.Minute, holdP)
				}
			}
		})
		for round := range int32(rounds) {
			for asleep.Load() <= round {
				runtime.Gosched()
			}
			awake.Add(1)
			s.Wake()
		}
		done.Wait()
	}
}

// Sleep ends by itself, and no earlier than it should unless something wakes it;
// a stop of the world while it holds its P does not wait for it.
func TestSleeperSleeps(t *testing.T) {
	forPair(t) // a sleeper may hold its P
	for _, holdP := range []bool{true, false} {
		var s Sleeper
		for _, d := range []time.Duration{-time.Second, 0, time.Microsecond, 2 * time.Millisecond} {
			start := time.Now()
			for time.Since(start) < d {
				s.Sleep(d-time.Since(start), holdP)
			}
			s.Sleep(min(d, 0), holdP) // returns at once
		}
	}
	var s Sleeper
	var stop atomic.Bool
	var done sync.WaitGroup
	done.Go(func() {
		for !stop.Load() {
			s.Sleep(time.Minute, true)
		}
	})
	for range 20 {
		runtime.GC() // stops the world; a minute each if it had to wait
	}
	stop.Store(true)
	s.Wake()
	done.Wait()
}

// Wakes by many, at the same time as sleeps, are never lost: each waker waits for
// the sleeper to come round.
func TestSleeperManyWakers(t *testing.T) {
	var s Sleeper
	var served, stop atomic.Bool
	var asked atomic.Int32
	var done, wakers sync.WaitGroup
	done.Go(func() {
		for !stop.Load() {
			if asked.Swap(0) == 0 {
				s.Sleep(time.Minute, false)
			}
			served.Store(true)
		}
	})
	for range 4 {
		wakers.Go(func() {
			for range 500 {
				asked.Add(1)
				s.Wake()
				for asked.Load() != 0 {
					runtime.Gosched()
				}
			}
		})
	}
	wakers.Wait()
	stop.Store(true)
	s.Wake()
	done.Wait()
	if !served.Load() {
		t.Error("the sleeper never came round")
	}
}
