package sched

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// The Monitor overlooks nothing that is ready, nor what is just being queued, before others
// see it.
func TestMonitorOverlooksNothing(t *testing.T) {
	s := queuesOnly(2)
	if s.monitor.overlooked() {
		t.Fatal("a task is ready in empty queues")
	}
	enqueueAt(&s.shared, newTask(s, Low), Ready, 0, false)
	if !s.monitor.overlooked() {
		t.Fatal("the shared queue was overlooked")
	}
	popAt(&s.shared, Low)

	var looks atomic.Bool
	found := make(chan bool)
	w := s.workers[1]
	w.Lock.Lock()
	go func() {
		looks.Store(true)
		found <- s.monitor.overlooked()
	}()
	// Where it has a processor, it looks meanwhile.
	for spins := 0; spins < 1000 && !looks.Load(); spins++ {
		arch.Pause(spins)
	}
	for spins := range 100 {
		arch.Pause(spins)
	}
	w.insert(newTask(s, Normal), Ready)
	w.Unlock()
	if !<-found {
		t.Error("a task was overlooked that was just being queued")
	}
}

// A task that stays with its waker, which runs on, has its turn when the waker's slice ends,
// also if it became ready when the Monitor was about to block.
func TestTaskThatStaysHasItsTurn(t *testing.T) {
	s := start(t, 1)
	for round := range 20 {
		var ran atomic.Bool
		_, done := run(s, Normal, func(waker *Task) {
			// The Monitor blocks when nothing has been ready for a lull.
			at := Now() + int64(lull) + int64(round-10)*int64(50*time.Microsecond)
			for Now() < at {
				waker.Safepoint()
			}
			newTaskOf(s, Normal, func() { ran.Store(true) }).MakeBy(waker, New)
			for !ran.Load() {
				waker.Safepoint()
			}
		})
		<-done
	}
}
