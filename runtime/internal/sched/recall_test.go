package sched

import (
	"testing"
	"time"
)

// lender returns a task of priority p from which w, which is vacant, has been borrowed.
func (w *worker) lender(p Priority) *Task {
	t := newTask(w.s, p)
	w.Lock.Lock()
	w.give(t)
	w.lend(t)
	w.Unlock()
	return t
}

// A task whose worker has been borrowed has it back when it is raised above the borrower, as
// by a mutex that it owns.
func TestRaisedLenderIsRecalled(t *testing.T) {
	s := queuesOnly(1)
	w := s.workers[0]
	lender, borrower := w.lender(Low), newTask(s, High)
	w.Lock.Lock()
	w.give(borrower)
	w.Unlock()
	lender.Lend(None, High)
	if reason := w.preempt.Load(); reason != preemptNone {
		t.Errorf("an equal of the lender is asked to yield, for reason %d", reason)
	}
	lender.Lend(None, Critical)
	if reason := w.acknowledge(); reason != preemptSeen {
		t.Errorf("the borrower is asked to yield for reason %d, not %d", reason, preemptSeen)
	}
	w.Lock.Lock()
	defer w.Unlock()
	if next, kept := w.pass(borrower, High.above(), Ready, true); next != nil || !kept || w.cur != lender {
		t.Errorf("the worker was passed to another than the lender: %v, kept: %v", next != nil, kept)
	}
}

// A lender has its worker back also if others have just taken what came before it.
func TestLenderOfVacantWorkerHasItBack(t *testing.T) {
	s := queuesOnly(1)
	w := s.workers[0]
	lender := w.lender(Low)
	w.Lock.Lock()
	defer w.Unlock()
	if next := w.becomeVacant(); next != nil || w.cur != lender || s.vacant.n.Load() != 0 {
		t.Errorf("the lender has its worker: %v; %d workers are vacant", w.cur == lender, s.vacant.n.Load())
	}
}

// Nor does a lower task get a vacant worker that has a lender.
func TestLenderComesBeforeLowerTasks(t *testing.T) {
	s := queuesOnly(1)
	w := s.workers[0]
	lender := w.lender(Normal)
	s.pushShared(newTask(s, Low), Ready, false)
	if next := w.employ(); next != nil || w.cur != lender {
		t.Error("a lower task got the worker")
	}
}

// A task for which a worker was taken that its lender has back instead does not wait for as long
// as the Monitor is blocked.
func TestMonitorAttendsToWhatComesAfterALender(t *testing.T) {
	s := queuesOnly(1)
	w := s.workers[0]
	lender := w.lender(Normal)
	s.pushShared(newTask(s, Low), Ready, false)
	if next := w.employ(); next != nil || w.cur != lender {
		t.Fatal("the lender does not have the worker")
	}
	woken := make(chan struct{})
	go func() {
		s.monitor.sleeper.Sleep(time.Hour, false)
		close(woken)
	}()
	select {
	case <-woken:
	case <-time.After(10 * time.Second):
		t.Error("the Monitor does not know of the task")
		s.monitor.sleeper.Wake()
		<-woken
	}
}
