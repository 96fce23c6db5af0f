//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// Two goroutines that are both on their way off their stacks can be each the next of
// the other: neither waits for the other before it is off its own.
func TestSwitchToEachOther(t *testing.T) {
	if err := Native(); err != nil {
		t.Skip(err)
	}
	defer watchdog(t)()
	forPinned(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3)) // two are pinned, and wait for each other
	for range 20 {
		var fibers [2]Fiber
		var locks [2]Lock
		var leaving atomic.Int32
		var ended sync.WaitGroup
		for i := range fibers {
			ended.Go(func() {
				f := &fibers[i]
				f.Bind(true)
				locks[i].Lock()
				f.BeginLeave()
				leaving.Add(1)
				for spins := 0; leaving.Load() < 2; spins++ {
					Pause(spins)
				}
				f.Switch(&fibers[1-i], &locks[i])
			})
		}
		ended.Wait()
		for i := range locks {
			// Each is released, but a park is seen a moment before its lock is free, so
			// that whoever locks it finds the task parked: see parkCommit.
			locks[i].Lock()
			locks[i].Unlock()
		}
	}
}

// A goroutine that is on its way off its stack is not asked to stop, and its status is
// not touched: it stores that itself, perhaps at this moment.
func TestLeavingIsNotMarked(t *testing.T) {
	if err := Native(); err != nil {
		t.Skip(err)
	}
	defer watchdog(t)()
	forPinned(t)
	var f Fiber
	var step atomic.Int32
	var ended sync.WaitGroup
	reach := func(n int32) {
		step.Add(1)
		for spins := 0; step.Load() < n; spins++ {
			Pause(spins)
		}
	}
	ended.Go(func() {
		f.Bind(true)
		Pin()
		reach(2) // it runs
		reach(4)
		f.BeginLeave()
		reach(6)
		reach(8)
		f.Stay()
		reach(10)
		reach(12)
		Unpin()
	})
	for n := int32(2); n <= 12; n += 4 {
		reach(n)
		tid := f.Thread()
		if leaving := n == 6; leaving != (tid == 0) {
			t.Errorf("at %d the OS thread is %d", n, tid)
		}
		if n == 6 && (f.RequestPreempt() != 0 || f.PreemptPending()) {
			t.Error("a goroutine that leaves is asked to stop")
		}
		reach(n + 2)
	}
	ended.Wait()
}
