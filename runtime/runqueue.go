package gv

import (
	"math/bits"
	"sync/atomic"
)

// A runQueue holds ready threads: a FIFO list for each priority and a bitmap
// of the lists that are not empty. Each worker has one for the threads that
// were made ready on it, and the runtime has one for all others.
//
// All is guarded by lock, also the queue fields of the threads in it. bits is
// written under lock and may be read without: it is right at some moment, and
// those who act on it look again.
type runQueue struct {
	lock  spinLock
	place place
	bits  atomic.Uint32
	lists [numPriorities]threadList
}

// A threadList is one FIFO of a runQueue, linked through the threads.
type threadList struct {
	first, last *Thread
	n           int
}

// top returns the highest priority that has a ready thread, or noPriority.
func (q *runQueue) top() Priority {
	b := q.bits.Load()
	if b == 0 {
		return noPriority
	}
	return Priority(bits.TrailingZeros32(b))
}

// pushLocked puts t, which the caller owns, at the end of its priority's list
// or at its front, where it goes on with its slice.
func (q *runQueue) pushLocked(t *Thread, s State, stamp uint64, front bool) {
	// The place is published before the priority is read: setEffective does the
	// two in the opposite order, so that one of them sees the other.
	t.store(t.load().with(s, q.place))
	p := t.effective()
	t.queued = p
	t.stamp = stamp
	if !front {
		t.slice = timeSlice{}
	}
	l := &q.lists[p]
	l.n++
	switch {
	case l.first == nil:
		t.next, t.prev = nil, nil
		l.first, l.last = t, t
		q.bits.Store(q.bits.Load() | 1<<p)
	case front:
		t.next, t.prev = l.first, nil
		l.first.prev = t
		l.first = t
	default:
		t.next, t.prev = nil, l.last
		l.last.next = t
		l.last = t
	}
}

// popLocked takes the first thread of priority p, nil if there is none. The
// caller owns it then, and must change its place before it unlocks the queue.
func (q *runQueue) popLocked(p Priority) *Thread {
	t := q.lists[p].first
	if t != nil {
		q.unlinkLocked(t)
	}
	return t
}

// steal takes the first thread of a priority above p, down to limit, for a
// worker that holds its own queue's lock. Two workers may do this to each other,
// so it doesn't wait for the lock: whoever has it sees to this queue at this
// moment.
func (q *runQueue) steal(p, limit Priority) *Thread {
	if !q.lock.tryLock() {
		return nil
	}
	defer q.lock.unlock()
	if top := q.top(); top >= p || top > limit {
		return nil
	}
	return q.takeLocked(q.top())
}

// takeLocked is popLocked for those who then unlock the queue.
func (q *runQueue) takeLocked(p Priority) *Thread {
	t := q.popLocked(p)
	if t != nil {
		w := t.load()
		t.store(w.with(w.state(), nowhere))
	}
	return t
}

// remove takes t out of the queue and reports whether it was in it.
func (q *runQueue) remove(t *Thread) bool {
	q.lock.lock()
	defer q.lock.unlock()
	w := t.load()
	if !w.queuedIn(q) {
		return false
	}
	q.unlinkLocked(t)
	t.store(w.with(w.state(), nowhere))
	return true
}

// queuedIn reports whether a thread with word w is in q. It is certain under
// q's lock.
func (w threadWord) queuedIn(q *runQueue) bool {
	s := w.state()
	return w.place() == q.place && (s == StateReady || s == StateNew || s == StatePreempted)
}

func (q *runQueue) unlinkLocked(t *Thread) {
	p := t.queued
	l := &q.lists[p]
	l.n--
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		l.first = t.next
	}
	if t.next != nil {
		t.next.prev = t.prev
	} else {
		l.last = t.prev
	}
	t.next, t.prev = nil, nil
	if l.first == nil {
		q.bits.Store(q.bits.Load() &^ (1 << p))
	}
}

// reposition moves t to the end of the list of its effective priority, if it
// is in this queue under another one. It reports whether t was in this queue.
func (q *runQueue) reposition(t *Thread, stamp uint64) bool {
	q.lock.lock()
	defer q.lock.unlock()
	w := t.load()
	if !w.queuedIn(q) {
		return false
	}
	if t.queued != t.effective() {
		q.unlinkLocked(t)
		q.pushLocked(t, w.state(), stamp, false)
	}
	return true
}

// overdue calls f, under the queue's lock, for the threads at the front of the
// lists below Critical that have been ready since before the given time, at
// most depth of a list. A thread that was preempted in its slice goes to the
// front and may hide older ones: depth is the number that can be hidden, and
// one more.
func (q *runQueue) overdue(before int64, depth int, f func(*Thread)) {
	if q.bits.Load()>>1 == 0 {
		return
	}
	q.lock.lock()
	for p := High; p < noPriority; p++ {
		t := q.lists[p].first
		for i := 0; t != nil && i < depth; i++ {
			if t.readyAt < before {
				f(t)
			}
			t = t.next
		}
	}
	q.lock.unlock()
}

// lengths adds the number of ready threads of each priority to n.
func (q *runQueue) lengths(n *[numPriorities]int) {
	q.lock.lock()
	for p := range q.lists {
		n[p] += q.lists[p].n
	}
	q.lock.unlock()
}
