package sched

import (
	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/event"
)

// A worker can be taken from a task that doesn't run: one that is blocked in Go, or
// waits for a P of Go's or for a core of Linux's. The task goes outside; it asks for a
// worker when it gets to a safepoint or a call of package gv.
//
// A task that is displaced so by a more urgent one has mostly not noticed anything by
// the time that the other is done: then it has the worker back, and nothing else has to
// happen: no signal, no goroutine to park and to make runnable, no OS thread to wake.
// Until then the worker is borrowed, and the task its lender.

// A turn is a task in the turn in which it has a worker.
type turn struct {
	w    *worker
	task *Task
	n    uint64
}

// turn returns the turn of the task that has w now, if one has.
func (w *worker) currentTurn() (v turn, ok bool) {
	w.Lock.Lock()
	defer w.Unlock()
	return turn{w, w.cur, w.turn}, w.cur != nil
}

// lock locks the worker if v is not over, or reports that it is.
func (v turn) lock() bool {
	v.w.Lock.Lock()
	if v.w.cur == v.task && v.w.turn == v.n {
		return true
	}
	v.w.Unlock()
	return false
}

// seize takes w from its task t, which doesn't run, for a ready one of a priority of at
// least limit, next; with lend, t may have it back. It reports false if there is none
// that can be had. The caller has locked w.
func (w *worker) seize(t *Task, limit Priority, lend bool) (next *Task, ok bool) {
	if w.s.topReady() > limit {
		return nil, false
	}
	blocked := t.blockedInGo()
	if next = w.pick(limit); next == nil {
		return nil, false
	}
	if w.lent != nil {
		w.s.writeOff(w)
	}
	if lend = lend && !blocked; lend {
		w.note(event.Lent)
	} else {
		w.note(event.Taken)
	}
	w.endTurn()
	if lend {
		w.lent = t
		w.s.putOutside(t, Preempted, w)
		w.s.forced.Add(1)
	} else {
		w.s.putOutside(t, Running, nil)
		w.s.handoffs.Add(1)
	}
	w.give(next)
	return next, true
}

// repay gives w, which its task is done with, back to the task that it was taken from,
// if that one has not gone on in some other way, isn't blocked in Go, and nothing more
// urgent is ready. A request to yield is answered by this, as by pick. The caller has
// locked w.
func (w *worker) repay() bool { return w.lent != nil && w.repayLoan() }

// repayLoan is repay where there is a loan: apart, so that repay is inlined.
func (w *worker) repayLoan() bool {
	t := w.lent
	w.acknowledge()
	if w.s.topReady() < t.Priority() {
		return false
	}
	w.lent = nil
	if !w.s.repaid(t, w) {
		return false
	}
	w.give(t)
	return true
}

// takeBlocked takes the worker of a task that is blocked in Go, for a ready one, next. It
// reports false if there is none.
func (s *Scheduler) takeBlocked() (next *Task, ok bool) {
	for _, w := range s.workers {
		if !w.TryLock() {
			continue
		}
		t := w.cur
		if t != nil && t.fiber.Status() == arch.StatusBlocked {
			next, ok = w.seize(t, Low, false)
		}
		w.Unlock()
		if ok {
			s.monitor.attend()
			return next, true
		}
	}
	return nil, false
}

// usurp borrows the worker of v, whose task doesn't run, for a more urgent one. It
// doesn't wait for the task to stop. It reports false if the turn is over. The caller
// resumes next, if it isn't nil.
func (s *Scheduler) usurp(v turn) (next *Task, ok bool) {
	if !v.lock() {
		return nil, false
	}
	// If there is none, another worker has it; or it is in a queue that somebody looks at,
	// from where it can't be taken now, and the Monitor asks again.
	next, _ = v.w.seize(v.task, v.task.Priority().above(), true)
	v.w.Unlock()
	s.monitor.attend()
	return next, true
}

// makeWay takes w from its task, or another worker that runs as low a one. It prefers a
// task that doesn't run: that costs nobody a signal, no core is left idle, and the task
// has mostly not noticed anything when it gets its worker back. There is one as long as
// the workers are no fewer than the cores that are not the caller's. It reports whether a
// worker has made way, in time; the caller resumes next, if it isn't nil.
func (s *Scheduler) makeWay(w, own *worker) (next *Task, made bool) {
	v, ok := w.currentTurn()
	if !ok {
		return nil, false
	}
	if s.collect(v.task) {
		return nil, true // it had stopped already, for an earlier request
	}
	if s.idles(v) {
		return s.usurp(v)
	}
	if better, ok := s.idler(w, own); ok {
		w.acknowledge() // the request has moved on to the other worker
		return s.usurp(better)
	}
	if s.canForce && v.task.hearing.deaf() {
		return nil, s.stop(v)
	}
	return nil, false
}

// idles reports whether v's task has its worker and doesn't run. One that waits for a
// core and answers requests to yield is left to do so.
func (s *Scheduler) idles(v turn) bool {
	switch v.task.fiber.Status() {
	case arch.StatusBlocked, arch.StatusSyscall:
		return true
	case arch.StatusRunnable:
		return s.canForce // or it couldn't be stopped when it goes on
	case arch.StatusRunning:
		if !s.canForce || !v.task.hearing.deaf() || !v.lock() {
			return false
		}
		tid := v.task.fiber.Thread()
		v.w.Unlock()
		return tid != 0 && arch.OffCore(tid)
	}
	return false
}

// idler finds a worker that runs as low a task as w does, which doesn't run, and asks it
// to yield.
func (s *Scheduler) idler(w, own *worker) (v turn, ok bool) {
	level := w.level.Load()
	for _, other := range s.workers {
		if other == w || other == own || other.level.Load() != level {
			continue
		}
		if v, ok = other.currentTurn(); ok && s.idles(v) && other.ask(preemptHigh) {
			return v, true
		}
	}
	return turn{}, false
}

// blockedInGo reports whether t's goroutine is in a system call or waits for something
// that isn't a P.
func (t *Task) blockedInGo() bool {
	s := t.fiber.Status()
	return s == arch.StatusBlocked || s == arch.StatusSyscall
}
