package gv

import (
	goruntime "runtime"

	"github.com/gvthread/gvthread/arch"
)

// Yield lets the threads run that are ready at the calling thread's priority or
// above; the caller goes to the end of the line of its own. It returns at once
// when there are none. It does not look at cancellation.
//
// In a plain goroutine it is runtime.Gosched.
func Yield() {
	t := Current()
	if t == nil {
		goruntime.Gosched()
		return
	}
	t.checkStack()
	t.unboost()
	t.yield(t.effective(), false)
}

// Safepoint yields if the calling thread was asked to: because a thread of
// higher priority is ready, or because its slice is over and others wait. It is
// what gvinstrument puts into loops: one load and a branch when there is
// nothing to do, and nothing more on a plain goroutine. It panics with a
// *StackOverflowError if the thread is found to use more stack than
// Config.MaxStack.
func Safepoint() {
	if preemptPending.Load() != 0 {
		safepoint()
	}
}

//go:noinline
func safepoint() {
	if t := Current(); t != nil {
		// First: once the thread has yielded, the Monitor takes the request back.
		t.checkStack()
		t.safepoint()
	}
}

// safepoint answers a request to yield, if there is one.
func (t *Thread) safepoint() {
	arch.Pin()
	w := t.held()
	if w == nil {
		arch.Unpin()
		t.rejoin()
		return
	}
	// Under the worker's lock, or the request could be one that was made of the
	// next thread, to which the Monitor has just given the worker.
	reason := preemptNone
	w.queue.lock.lock()
	if w.cur == t {
		reason = w.acknowledge()
	}
	w.queue.lock.unlock()
	if reason != preemptNone {
		t.hearing.answered()
	}
	t.found() // the Monitor may have taken it for lost just before it had w
	arch.Unpin()
	switch reason {
	case preemptSeen, preemptHigh:
		if p := t.effective(); p > Critical && t.yield(p-1, true) {
			t.rt.cooperative.Add(1)
		}
	case preemptSlice:
		t.unboost()
		if t.yield(t.effective(), false) {
			t.rt.cooperative.Add(1)
		}
	}
}

// yield gives the calling thread's worker to a thread of a priority of at least
// limit that is ready, or that it was borrowed from, and reports whether there was
// one. The thread becomes ready itself, at the end of its list, or at the front when
// its slice isn't over.
func (t *Thread) yield(limit Priority, front bool) bool {
	arch.Pin()
	w := t.held()
	if w == nil {
		arch.Unpin()
		t.rejoin()
		return false
	}
	rt := t.rt
	w.queue.lock.lock()
	var next *Thread
	kept := false
	if w.cur == t {
		next, kept = w.passLocked(t, limit, StateReady, front)
	}
	w.queue.lock.unlock()
	if next == nil && !kept {
		arch.Unpin()
		return false
	}
	// t may be resumed from here on: by others, who wait until it is off its
	// stack, and by published, which must not.
	if p := t.effective(); !rt.settled(p) {
		t.fiber.BeginPark()
		rt.published(p)
	}
	if kept {
		t.fiber.Park()
	} else {
		switchTo(&t.fiber.Fiber, next)
	}
	return true
}

// rejoin gets the calling thread a worker again after it has run without one:
// because it left it for Block, or because it was blocked in Go and the Monitor
// took it away.
func (t *Thread) rejoin() {
	if t.outside.Load() > 0 {
		return
	}
	t.found()
	arch.Pin()
	if w, _ := t.settle(); w != nil {
		arch.Unpin()
		return
	}
	if w := t.rt.takeIdle(); w != nil {
		w.queue.lock.lock()
		w.giveLocked(t)
		w.queue.lock.unlock()
		arch.Unpin()
		return
	}
	t.fiber.BeginPark()
	t.rt.enqueueShared(t, StateReady)
	t.fiber.Park()
}

// stray notes that t has no worker and should ask for one at its next
// safepoint.
func (t *Thread) stray() {
	if t.astray.CompareAndSwap(false, true) {
		preemptPending.Add(1)
	}
}

// found ends stray.
func (t *Thread) found() {
	if t.astray.Load() && t.astray.CompareAndSwap(true, false) {
		preemptPending.Add(-1)
	}
}
