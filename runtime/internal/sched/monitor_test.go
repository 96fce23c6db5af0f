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

// Nor does it overlook a worker that has just been taken for a task whose stack is to be
// inspected, before others see it.
func TestMonitorOverlooksNoTakenWorker(t *testing.T) {
	s := new(Scheduler)
	s.open(Config{Workers: 1, MaxStack: 1 << 20, Bodies: testBodies{}, Watcher: noWatch{}})
	if s.monitor.stacksLate(never, 0) {
		t.Fatal("stacks are to be inspected while no worker has a task")
	}
	var looks atomic.Bool
	found := make(chan bool)
	s.vacant.lock.Lock()
	go func() {
		looks.Store(true)
		found <- s.monitor.stacksLate(never, 0)
	}()
	// Where it has a processor, it looks meanwhile.
	for spins := 0; spins < 1000 && !looks.Load(); spins++ {
		arch.Pause(spins)
	}
	for spins := range 100 {
		arch.Pause(spins)
	}
	s.vacant.cut(0)
	s.vacant.lock.Unlock()
	if !<-found {
		t.Error("a worker was overlooked that was just being taken")
	}
}

// What is put outside while the Monitor looks has it look once more, and what comes back by
// itself or by force: it would be kept from being garbage by the loan that is not repaid.
func TestMonitorLooksAfterWhatWasPutOutside(t *testing.T) {
	for name, comesBack := range map[string]func(t *testing.T, s *Scheduler, lender *Task){
		"by itself": func(t *testing.T, s *Scheduler, lender *Task) {
			if !s.takeBack(lender) {
				t.Fatal("a lender is not outside")
			}
			lender.where.Store(at(Done, nowhere))
			s.outside.Unlock()
		},
		"by force": func(t *testing.T, s *Scheduler, lender *Task) {
			s.outside.Lock.Lock()
			s.preemptedOutside(lender)
			if popAt(&s.shared, Low) != lender {
				t.Fatal("a lender that was stopped is not ready")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := queuesOnly(1)
			if s.monitor.late(never) {
				t.Fatal("something is late while nothing has happened")
			}
			w := s.workers[0]
			lender := w.lender(Low)
			if !s.monitor.late(never) {
				t.Error("a task has lost its worker, and the Monitor does not look after it")
			}
			if s.monitor.late(never) {
				t.Error("it looks again and again")
			}
			comesBack(t, s, lender)
			if !s.monitor.late(never) {
				t.Error("a lender has gone on, and the Monitor does not forget it")
			}
			if s.monitor.watch(w, new(view), Now(), None); w.lent != nil {
				t.Error("it is not forgotten")
			}
		})
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
