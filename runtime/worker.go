package gv

import (
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// A worker is one of the runtime's virtual CPUs: the right to run one thread.
// It is not tied to an OS thread.
//
// queue.lock guards the worker itself, too: whoever holds it may move the worker
// from one thread to another. That is the thread that runs on it, when it
// switches; the Monitor, when it takes the worker from a thread that is stuck
// or was stopped; and whoever took it off the idle list.
type worker struct {
	rt *Runtime
	// queue holds threads that became ready on this worker. Any worker may take
	// from it. Its place is also the worker's.
	queue runQueue
	// cur is the thread that holds the worker, nil while nobody does. Guarded by
	// queue.lock.
	cur *Thread
	// lent is the thread that the worker was borrowed from. Guarded by queue.lock.
	lent loan
	// switches counts the threads that were given this worker. Guarded by
	// queue.lock.
	switches uint64
	// level is the effective priority of cur, for those who look for the worker
	// with the lowest; noPriority while idle. Written under queue.lock.
	level atomic.Uint32
	// preempt asks cur to yield: one of the reasons below. Whoever makes it
	// non-zero adds one to preemptPending.
	preempt atomic.Uint32
}

// The reasons for asking a worker's thread to yield.
const (
	preemptNone uint32 = iota
	// preemptProbe only asks for a sign of life.
	preemptProbe
	// preemptSlice: the slice is over and others of the same priority are ready.
	preemptSlice
	// preemptSeen: somebody has seen that a thread of higher priority is ready.
	// Whoever made it ready may be about to ask for a worker himself, and must
	// find this one as good as not asked, or two would make way for one thread.
	preemptSeen
	// preemptHigh: this thread makes way for one of higher priority.
	preemptHigh
)

// preemptPending counts, over all runtimes, the workers that are asked to
// yield and the threads that run without a worker and shouldn't: Safepoint is
// free as long as it is zero.
var preemptPending atomic.Int32

// ask asks w's thread to yield, for a reason that outranks the one that it was
// asked for before, if it was. It reports whether this is news.
func (w *worker) ask(reason uint32) bool {
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

// askOutranked asks w's thread, of priority p, to yield if a thread of higher
// priority is ready, and reports whether this is news.
func (w *worker) askOutranked(p Priority) bool {
	if w.rt.topReady() >= p || !w.ask(preemptSeen) {
		return false
	}
	if w.rt.topReady() < p {
		return true
	}
	// Another worker has just taken it: the request must not hit the next one.
	if w.preempt.CompareAndSwap(preemptSeen, preemptNone) {
		preemptPending.Add(-1)
		return false
	}
	return true
}

// acknowledge takes a request to yield back, and returns its reason.
func (w *worker) acknowledge() uint32 {
	if w.preempt.Load() == preemptNone {
		return preemptNone
	}
	reason := w.preempt.Swap(preemptNone)
	if reason != preemptNone {
		preemptPending.Add(-1)
	}
	return reason
}

// pickLocked takes the ready thread that w should run next: of the highest
// priority down to limit, and among those of one priority the one that has been
// ready the longest, as far as this worker's queue and the shared one are
// concerned. Threads of a higher priority are taken from other workers' queues
// too, and when there is nothing else, any.
//
// The caller owns the thread, and must give it to w or put it back before it
// unlocks w. A request to yield is answered by this: it is taken back before
// the queues are looked at, so that one that comes later stands.
func (w *worker) pickLocked(limit Priority) *Thread {
	w.acknowledge()
	for {
		local, shared := w.queue.top(), w.rt.shared.top()
		best := min(local, shared)
		if other := w.busiest(best); other != nil {
			if t := other.queue.steal(best, limit); t != nil {
				return t
			}
		}
		switch {
		case best > limit || best == noPriority:
			return nil
		case shared == best:
			if t := w.rt.popShared(best, w.queue.lists[best].first); t != nil {
				return t
			}
			if local != best {
				continue // somebody else has just taken it
			}
		}
		return w.queue.popLocked(best)
	}
}

// busiest returns the other worker whose queue has the highest priority, if that
// is above p.
func (w *worker) busiest(p Priority) (found *worker) {
	if p == Critical {
		return nil
	}
	for _, other := range w.rt.workers {
		if op := other.queue.top(); op < p && other != w {
			found, p = other, op
		}
	}
	return found
}

// popShared takes the first thread of priority p from the shared queue, unless
// rival, which may be nil, has been ready for longer.
func (rt *Runtime) popShared(p Priority, rival *Thread) *Thread {
	q := &rt.shared
	q.lock.lock()
	defer q.lock.unlock()
	first := q.lists[p].first
	if first == nil || rival != nil && rival.stamp < first.stamp {
		return nil
	}
	return q.takeLocked(p)
}

// giveLocked makes t, which the caller owns, the thread that holds w. The
// caller resumes t after it has unlocked w.
func (w *worker) giveLocked(t *Thread) {
	t.embody()
	t.store(t.load().nextTurn().with(StateRunning, w.queue.place))
	if w.lent.thread != nil && t.effective() >= w.lent.thread.effective() {
		w.lent = loan{} // not before an equal: the lender takes its turn again
	}
	w.holdLocked(t)
}

// holdLocked is the rest of giveLocked, for a thread whose word says already that
// it holds w.
func (w *worker) holdLocked(t *Thread) {
	w.cur = t
	w.switches++
	p := t.effective()
	old := Priority(w.level.Load())
	if old == p {
		return
	}
	w.level.Store(uint32(p))
	// Where the level falls, a thread in between may have become ready after
	// the pick, without anybody seeing a reason to ask this worker: the order
	// of the store above and the look at the queues here, and of the opposite
	// in published, makes sure that one of the sides does.
	w.askOutranked(p)
}

// relevel publishes the priority of t, which has changed, if t still holds w,
// and makes t give way to what is above it now. It reports whether t held w.
func (w *worker) relevel(t *Thread) bool {
	w.queue.lock.lock()
	p := t.effective()
	mine := w.cur == t
	lender := false
	if mine {
		w.level.Store(uint32(p))
		lender = w.lent.thread != nil && w.lent.thread.effective() < p
	}
	w.queue.lock.unlock()
	if mine && (lender && w.ask(preemptSeen) || w.askOutranked(p)) {
		w.rt.monitor.preempting()
	}
	return mine
}

// passLocked gives w, which t holds, to a thread of a priority of at least limit, if
// there is one, and makes t ready, at the end of its list or, with front, at the
// front: to the one that it was borrowed from, which has it kept then, or to the
// first ready one, next, which the caller resumes after it has unlocked w.
func (w *worker) passLocked(t *Thread, limit Priority, s State, front bool) (next *Thread, kept bool) {
	if l := w.lent.thread; l != nil && l.effective() <= limit && w.repayLocked() {
		w.enqueueLocked(t, s, front)
		return nil, true
	}
	if next = w.pickLocked(limit); next != nil {
		w.enqueueLocked(t, s, front)
		w.giveLocked(next)
	}
	return next, false
}

// succeedLocked gives w, whose thread has just left it, to the next: to the one
// that it was borrowed from, which has it kept then, or to the first ready one,
// next, which the caller resumes after it has unlocked w. If there is neither, w
// is vacant, and the caller's.
func (w *worker) succeedLocked() (next *Thread, kept bool) {
	if w.repayLocked() {
		return nil, true
	}
	if next = w.pickLocked(Low); next != nil {
		w.giveLocked(next)
	} else {
		w.vacateLocked()
	}
	return next, false
}

// vacateLocked leaves w without a thread. The caller puts it on the idle list
// after it has unlocked it.
func (w *worker) vacateLocked() {
	w.cur = nil
	w.level.Store(uint32(noPriority))
}

// assign gives w, which the caller took off the idle list, to a ready thread, which
// the caller resumes, or puts it back there and returns nil. It stays at it while
// there is a ready thread that can't be had: one in a queue that somebody has
// locked at this moment.
func (w *worker) assign() (next *Thread) {
	for spins := 0; w != nil; spins++ {
		w.queue.lock.lock()
		next = w.pickLocked(Low)
		if next != nil {
			w.giveLocked(next)
		}
		w.queue.lock.unlock()
		if next != nil {
			return next
		}
		if w = w.rt.layIdle(w); w != nil {
			arch.Pause(spins)
		}
	}
	return nil
}

// employ assigns w and resumes the thread.
func (w *worker) employ() {
	if next := w.assign(); next != nil {
		next.resume()
	}
}

// handOff takes w away from t, which is left in the given state without a
// worker, and gives it to the next ready thread, or to nobody. It reports false,
// and does nothing, when t no longer has the worker and the word that the caller
// has seen: t may have lost it, ended, or had another turn since.
func (w *worker) handOff(t *Thread, word threadWord, s State) bool {
	w.queue.lock.lock()
	if w.cur != t || t.load() != word {
		w.queue.lock.unlock()
		return false
	}
	w.handOffLocked(t, s)
	return true
}

// handOffLocked is handOff where t has the worker. It unlocks w.
func (w *worker) handOffLocked(t *Thread, s State) {
	t.store(t.load().with(s, nowhere))
	next, kept := w.succeedLocked()
	w.queue.lock.unlock()
	switch {
	case next != nil:
		next.resume()
	case !kept:
		w.rt.putIdle(w)
	}
}

// idleWorkers is the list of workers that no thread holds.
type idleWorkers struct {
	lock    spinLock
	workers []*worker
	n       atomic.Int32
	// resting workers are not idle, but no thread holds them either.
	resting  []restingWorker
	nResting atomic.Int32
}

// putIdle puts w, which nobody holds, on the idle list, unless there is work for
// it.
func (rt *Runtime) putIdle(w *worker) {
	if w := rt.layIdle(w); w != nil {
		w.employ()
	}
}

// layIdle puts w, which nobody holds, on the idle list, and takes a worker off
// again if there may be work for it.
func (rt *Runtime) layIdle(w *worker) *worker {
	w.acknowledge()
	rt.idle.lock.lock()
	rt.idle.workers = append(rt.idle.workers, w)
	rt.idle.n.Add(1)
	rt.idle.lock.unlock()
	rt.attendStall()
	// A thread that was made ready before the line above found no idle worker:
	// look for it.
	if rt.topReady() == noPriority {
		return nil
	}
	return rt.takeIdle()
}

// takeIdle takes a worker off the idle list, nil if there is none.
func (rt *Runtime) takeIdle() *worker {
	if rt.idle.n.Load() == 0 {
		return nil
	}
	rt.idle.lock.lock()
	n := len(rt.idle.workers)
	if n == 0 {
		rt.idle.lock.unlock()
		return nil
	}
	w := rt.idle.workers[n-1]
	rt.idle.workers = rt.idle.workers[:n-1]
	rt.idle.n.Add(-1)
	rt.idle.lock.unlock()
	rt.monitor.attendStacks()
	return w
}

// workerAt returns the worker with the given place.
func (rt *Runtime) workerAt(p place) *worker { return rt.workers[p-1] }

// queueAt returns the queue with the given place.
func (rt *Runtime) queueAt(p place) *runQueue {
	if int(p) > len(rt.workers) {
		return &rt.shared
	}
	return &rt.workers[p-1].queue
}
