package gv

import (
	"sync/atomic"
)

// A Worker is one of the runtime's virtual CPUs: the right to run one thread.
// It is not tied to an OS thread.
//
// Whoever moves cur from one value to another by compare-and-swap has the
// worker at that moment: the thread that runs on it, when it switches to
// another one; the Monitor, when it takes the worker away from a thread that
// is stuck or was stopped; whoever took it off the idle list.
type Worker struct {
	rt    *Runtime
	index int
	// cur is the thread that holds the worker, nil while nobody does.
	cur atomic.Pointer[Thread]
	// preempt asks cur to yield: one of the preemptReason values. Whoever
	// makes it non-zero adds one to preemptPending; pick makes it zero.
	preempt atomic.Uint32
	// queue holds threads that became ready on this worker. Any worker may
	// take from it.
	queue runQueue

	switches atomic.Uint64 // threads that were given this worker
}

// The reasons for asking a worker's thread to yield.
const (
	preemptNone uint32 = iota
	// preemptProbe only asks for a sign of life.
	preemptProbe
	// preemptSlice: the slice is over and others of the same priority are ready.
	preemptSlice
	// preemptHigh: a thread of higher priority is ready.
	preemptHigh
)

// preemptPending counts, over all runtimes, the workers that are asked to
// yield and the threads that run without a worker and shouldn't: Safepoint is
// free as long as it is zero.
var preemptPending atomic.Int32

// ask asks w's thread to yield, for a reason that outranks the one that it was
// asked for before, if it was. It reports whether this is news.
func (w *Worker) ask(reason uint32) bool {
	for {
		old := w.preempt.Load()
		if old >= reason {
			return false
		}
		if w.preempt.CompareAndSwap(old, reason) {
			if old == preemptNone {
				preemptPending.Add(1)
			}
			return true
		}
	}
}

// acknowledge takes a request to yield back, and returns its reason.
func (w *Worker) acknowledge() uint32 {
	if w.preempt.Load() == preemptNone {
		return preemptNone
	}
	reason := w.preempt.Swap(preemptNone)
	if reason != preemptNone {
		preemptPending.Add(-1)
	}
	return reason
}

// pick takes the ready thread that w should run next: of the highest priority
// down to limit, and among those of one priority the one that has been ready
// the longest, as far as this worker's queue and the shared one are concerned.
// Threads of a higher priority are taken from other workers' queues too, and
// when w has nothing at all, any.
//
// A request to yield is answered by this: it is taken back before the queues
// are looked at, so that one that comes later stands.
func (w *Worker) pick(limit Priority) *Thread {
	w.acknowledge()
	rt := w.rt
	for {
		from, p := &w.queue, w.queue.top()
		if sp := rt.shared.top(); sp < p || (sp == p && p != noPriority && rt.shared.headStamp(p) <= w.queue.headStamp(p)) {
			from, p = &rt.shared, sp
		}
		if p != Critical {
			for _, other := range rt.workers {
				if op := other.queue.top(); op < p {
					from, p = &other.queue, op
				}
			}
		}
		if p > limit || p == noPriority {
			return nil
		}
		if t := from.pop(p); t != nil {
			return t
		}
	}
}

// give makes t, which the caller owns and has just picked, the next thread of
// w if w is still held by from. On true t must be resumed by the caller, who
// no longer holds the worker; on false nothing has changed, except that from
// has lost the worker to the Monitor.
func (w *Worker) give(from, t *Thread) bool {
	// Every field is set before t can be seen running.
	t.embody()
	t.worker.Store(w)
	t.turn.Add(1)
	t.set(StateRunning)
	if !w.cur.CompareAndSwap(from, t) {
		t.set(StateReady)
		return false
	}
	w.switches.Store(w.switches.Load() + 1)
	// Where the worker's priority falls, a thread in between may have become
	// ready after the pick, without anybody seeing a reason to ask this worker:
	// the order of the swap above and the look at the queues here, and of the
	// opposite in published, makes sure that one of the sides does.
	if p := t.effective(); (from == nil || from.effective() < p) && w.rt.topReady() < p {
		w.ask(preemptHigh)
	}
	return true
}

// running returns the effective priority of the thread that holds w, noPriority
// if none does.
func (w *Worker) running() Priority {
	if t := w.cur.Load(); t != nil {
		return t.effective()
	}
	return noPriority
}

// giveBack leaves w without a thread and puts it on the idle list, unless from
// has lost it.
func (w *Worker) giveBack(from *Thread) {
	if w.cur.CompareAndSwap(from, nil) {
		w.rt.putIdle(w)
	}
}

// start runs t, which the caller owns, on w, which the caller took off the idle
// list, by way of Go's scheduler.
func (w *Worker) start(t *Thread) {
	w.give(nil, t)
	t.resume()
}

// putIdle puts w, which nobody holds, on the idle list, and takes one off again
// if there is work for it.
func (rt *Runtime) putIdle(w *Worker) {
	for {
		w.acknowledge()
		rt.idle.lock.lock()
		rt.idle.workers = append(rt.idle.workers, w)
		rt.idle.n.Add(1)
		rt.idle.lock.unlock()
		// A thread that was made ready before the line above found no idle
		// worker: look for it.
		if rt.topReady() == noPriority {
			return
		}
		if w = rt.takeIdle(); w == nil {
			return
		}
		if t := w.pick(Low); t != nil {
			w.start(t)
			return
		}
	}
}

// takeIdle takes a worker off the idle list, nil if there is none.
func (rt *Runtime) takeIdle() *Worker {
	if rt.idle.n.Load() == 0 {
		return nil
	}
	rt.idle.lock.lock()
	defer rt.idle.lock.unlock()
	n := len(rt.idle.workers)
	if n == 0 {
		return nil
	}
	w := rt.idle.workers[n-1]
	rt.idle.workers = rt.idle.workers[:n-1]
	rt.idle.n.Add(-1)
	return w
}

// idleWorkers is the list of workers that no thread holds.
type idleWorkers struct {
	lock    spinLock
	workers []*Worker
	n       atomic.Int32
}
