package sched

import "sync/atomic"

// The reasons for asking a worker's task to yield.
const (
	preemptNone uint32 = iota
	// preemptProbe only asks for a sign of life.
	preemptProbe
	// preemptSlice: the slice is over and others of the same priority are ready.
	preemptSlice
	// preemptSeen: somebody has seen that a task of higher priority is ready. The
	// one that made it ready may be about to ask for a worker itself, and must
	// find this one as good as not asked, or two would make way for one task.
	preemptSeen
	// preemptHigh: this task makes way for one of higher priority.
	preemptHigh
)

// preemptPending counts, over all schedulers, the workers that are asked to yield and
// the tasks that run without a worker and shouldn't, or must measure their stacks, and
// the schedulers that have a Schedule, or exact stacks: a safepoint is free as long as it is
// zero. It may be more for a moment, and is never less.
var preemptPending atomic.Int32

// Pending reports whether a safepoint may have something to do.
func Pending() bool { return preemptPending.Load() != 0 }

// PendingCount returns how many requests stand, without exactStacks. For tests.
func PendingCount() int { return int(preemptPending.Load() - exactStacks.Load()) }

// ask asks w's task to yield, for a reason that outranks the one that it was asked
// for before, if it was. It reports whether this is news.
//
// A request counts before it stands: whoever takes it back at once takes one from the
// count, and others that stand must not be hidden by that.
func (w *worker) ask(reason uint32) bool {
	for {
		old := w.preempt.Load()
		if old >= reason {
			return false
		}
		if old == preemptNone {
			preemptPending.Add(1)
		}
		if w.preempt.CompareAndSwap(old, reason) {
			return true
		}
		if old == preemptNone {
			preemptPending.Add(-1)
		}
	}
}

// askOutranked asks w's task, of priority p, to yield if a task of higher priority is
// ready, and reports whether this is news.
func (w *worker) askOutranked(p Priority) bool {
	if w.s.topReady() >= p || !w.ask(preemptSeen) {
		return false
	}
	if w.s.topReady() < p {
		return true
	}
	// Another worker has just taken it: the request must not hit the next one.
	if w.preempt.CompareAndSwap(preemptSeen, preemptNone) {
		preemptPending.Add(-1)
		return false
	}
	return true
}

// acknowledge takes a request to yield back, and returns its reason. A request is
// taken back before the queues are looked at, so that one that comes later stands.
func (w *worker) acknowledge() uint32 {
	if w.preempt.Load() == preemptNone {
		return preemptNone
	}
	return w.takeRequest()
}

// takeRequest is acknowledge where there was a request just now.
func (w *worker) takeRequest() uint32 {
	for {
		reason := w.preempt.Load()
		if reason == preemptNone {
			return preemptNone
		}
		if w.preempt.CompareAndSwap(reason, preemptNone) {
			preemptPending.Add(-1)
			return reason
		}
	}
}

// askLowest asks the worker that runs the lowest task below p to yield, if there is
// one that hasn't been asked yet, and returns it. The caller has put a task of priority p
// into a queue. If that is gone, another worker has just taken it, and none is asked: the
// request would stand, and the next task that becomes ready would ask a second worker.
func (s *Scheduler) askLowest(p Priority) *worker {
	for {
		var lowest *worker
		level := p
		for _, w := range s.workers {
			if l := Priority(w.level.Load()); l > level && l != None && w.preempt.Load() != preemptHigh {
				lowest, level = w, l
			}
		}
		if lowest == nil || s.topReady() > p {
			return nil
		}
		if lowest.ask(preemptHigh) {
			return lowest
		}
	}
}

// askAgain asks the worker that runs the lowest task below p to yield, if there is one
// and none has been asked. A task that becomes ready asks for one worker; if that one
// then serves another, nobody else does.
func (s *Scheduler) askAgain(p Priority) {
	var lowest *worker
	for _, w := range s.workers {
		if w.preempt.Load() >= preemptSeen {
			return
		}
		if l := Priority(w.level.Load()); l > p && l != None {
			lowest, p = w, l
		}
	}
	if lowest != nil {
		lowest.askOutranked(p)
	}
}
