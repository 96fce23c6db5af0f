package sched

import "testing"

// lender returns a task of priority p from which w, which is vacant, has been borrowed.
func (w *worker) lender(p Priority) *Task {
	t := newTask(w.s, p)
	w.Lock.Lock()
	w.give(t)
	w.lend(t)
	w.Unlock()
	return t
}

// A lender has its worker back also if others have just taken what came before it.
func TestLenderOfVacantWorkerHasItBack(t *testing.T) {
	s := queuesOnly(1)
	w := s.workers[0]
	lender := w.lender(Low)
	w.Lock.Lock()
	defer w.Unlock()
	if next := w.idle(); next != nil || w.cur != lender || s.vacant.n.Load() != 0 {
		t.Errorf("the lender has its worker: %v; %d workers are vacant", w.cur == lender, s.vacant.n.Load())
	}
}
