package sched

import (
	"time"

	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/event"
)

// A task that doesn't yield when asked is stopped by force: its goroutine is requested
// to stop, a signal makes it look, and where it has stopped it is collected: it becomes
// ready, and its worker goes to the one that it was stopped for.

// A request is a demand on a task's goroutine to stop. It is guarded by the lock of the
// place that the task is at, and stands until the goroutine has been found stopped, or
// the task has left its worker by itself, or it is withdrawn. If it were forgotten before,
// the goroutine could stop for ever.
//
// Requests are rare: each is made anew, and garbage when it is over.
type request struct {
	// of is the task that is to stop, of those that the goroutine carries, one within
	// the other.
	of         *Task
	tid        int // the OS thread that was signalled
	made, sent int64
}

const (
	// resend is how often the Monitor sends the signal again.
	resend = 500 * time.Microsecond
	// patience is how long the one that wants a worker waits for its task to stop, which
	// takes 10 to 20 µs where the task is on a core and in Go code, before it leaves the
	// rest to the Monitor.
	patience = 400 * time.Microsecond
	// insist is how often it sends the signal again meanwhile. If that has found the
	// goroutine in assembly, or in Go's runtime, nothing has come of it.
	insist = 50 * time.Microsecond
	// requestTime is within what a request is expected to be over.
	requestTime = 300 * time.Microsecond
)

// request requests t to stop, once more if that has been done before, and returns the OS
// thread that the caller signals once it has unlocked t's place; 0 if t doesn't run.
func (t *Task) request(now int64) (tid int) {
	if tid = t.fiber.RequestPreempt(); tid == 0 {
		return 0
	}
	r := t.fiber.request()
	if r == nil {
		r = &request{made: now}
		t.fiber.needRare().request = r
		t.s.requests.Add(1)
	}
	r.of, r.tid, r.sent = t, tid, now
	return tid
}

// endRequest forgets the request that stands for t, whose place is locked.
func (t *Task) endRequest() {
	t.fiber.needRare().request = nil
	t.s.requests.Add(-1)
}

// withdraw takes back what is requested of the calling task, whose place is locked.
func (t *Task) withdraw() {
	if t.fiber.rare.Load() != nil {
		t.withdrawRequest()
	}
}

// withdrawRequest is withdraw where there may be a request: apart, so that withdraw is inlined.
//
//go:noinline
func (t *Task) withdrawRequest() {
	if t.fiber.request() != nil {
		t.fiber.ForgetPreempt()
		t.endRequest()
	}
}

// followUp looks after the request that stands for t, whose place is locked, and returns
// when to do so again.
func (m *monitor) followUp(t *Task, now int64) (next int64) {
	r := t.fiber.request()
	status := t.fiber.Status()
	switch {
	case status == arch.StatusPreempted:
		m.finds.stopped = append(m.finds.stopped, t)
	case !t.fiber.PreemptPending():
		// Resumed in between by the collector, which stops goroutines in the same way.
		t.endRequest()
	case now-r.made >= int64(tick) && (status == arch.StatusBlocked || status == arch.StatusSyscall) && t.fiber.WithdrawPreempt():
		// It has blocked before it stopped, and stays so: it may be for hours, in which
		// nobody should have to look after it.
		t.endRequest()
	case now-r.sent >= int64(resend):
		if tid := t.request(now); tid != 0 {
			m.finds.signals = append(m.finds.signals, tid)
		}
	}
	if t.fiber.request() == nil {
		return now + int64(tick)
	}
	if now-r.made < int64(tick) {
		// Most have stopped when they are looked at for the first time. Others wait for a core,
		// and looks that come too often would cost the Monitor its right to the next one. It
		// plans none that late would find too late: it would look again at once.
		return now + min(max(int64(pollTick), now-r.made), int64(resend))
	}
	return now + int64(resend)
}

// stop makes v's task give up its worker, by force. It reports whether it has, in time.
func (s *Scheduler) stop(v turn) bool {
	t, start := v.task, Now()
	if !v.request(start) {
		return false
	}
	s.monitor.wakeAt(start + int64(requestTime))
	for spins, asked := 0, start; ; spins++ {
		arch.Pause(spins)
		now := Now()
		switch {
		case t.fiber.Status() == arch.StatusPreempted:
			if s.collect(t) {
				return true
			}
			// Somebody else has, or it was let go because it had stopped inside Go's
			// runtime: ask again, if it is still the turn.
			if now-start > int64(patience) {
				return false
			}
		case now-start > int64(patience):
			return false
		case now-asked < int64(insist):
			continue
		}
		if !v.request(now) && v.over() {
			return false // it has left by itself
		}
		asked = now
	}
}

// request requests v's task to stop, and reports whether a signal was sent.
func (v turn) request(now int64) bool {
	if !v.lock() {
		return false
	}
	tid := v.task.request(now)
	v.w.Unlock()
	if tid == 0 {
		return false
	}
	arch.Signal(tid)
	return true
}

// over reports whether the turn is.
func (v turn) over() bool {
	if v.lock() {
		v.w.Unlock()
		return false
	}
	return true
}

// collect takes over t's goroutine if it has stopped as it was requested to, and reports
// whether it has.
func (s *Scheduler) collect(t *Task) bool {
	pl := t.lockPlace()
	if pl == nil {
		return false
	}
	r := t.fiber.request()
	if r == nil || r.of != t || t.fiber.Status() != arch.StatusPreempted || !t.fiber.ClaimPreempted() {
		pl.Unlock()
		return false
	}
	t.endRequest()
	t.hearing.stopped()
	arch.Pin()
	if pl.worker != nil {
		s.preempted(t, pl.worker)
	} else {
		s.preemptedOutside(t)
	}
	arch.Unpin()
	s.monitor.long.shorten(r.tid)
	return true
}

// preempted takes w, which is locked, from its task t, which was stopped by force, or
// lets t run on if there is nothing to take it for. It unlocks w.
func (s *Scheduler) preempted(t *Task, w *worker) {
	reason := w.preempt.Load()
	limit, front, why := t.Priority().above(), true, event.ForcedHigher
	if reason == preemptSlice {
		t.unboostOn(w)
		limit, front, why = t.inherited(), false, event.ForcedSlice
	}
	var next *Task
	kept := false
	if reason >= preemptSlice { // otherwise what it was to make way for has another worker
		w.note(why)
		next, kept = w.pass(t, limit, Preempted, front)
	}
	w.Unlock()
	if reason == preemptSlice {
		t.unboost()
	}
	if next == nil && !kept {
		t.fiber.Ready()
		return
	}
	s.forced.Add(1)
	s.publish(t.Priority())
	resume(next)
}

// preemptedOutside makes t, which was stopped by force while it ran without a worker,
// wait for one, unless it may run without. Outside is locked, and is unlocked.
func (s *Scheduler) preemptedOutside(t *Task) {
	o := &s.outside
	if t.blocks.Load() > 0 {
		o.Unlock()
		t.fiber.Ready()
		return
	}
	if t.lends() == nil {
		s.forced.Add(1) // usurp has counted the others
	}
	s.unlistUnpaid(t)
	o.logPassage(t, false)
	t.found()
	t.where.Store(at(Preempted, nowhere))
	o.Unlock()
	s.publish(s.pushShared(t, Preempted, true))
}
