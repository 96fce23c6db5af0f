package gv

import (
	"math/bits"
	"sync/atomic"
)

// A runQueue holds ready threads: a FIFO list for each priority and a bitmap
// of the lists that are not empty. Each worker has one for the threads that
// were made ready on it, and the runtime has one for all others.
//
// The lists, and the queue fields of the threads in them, are guarded by lock.
// top and head are written under lock and may be read without: they are exact
// at some moment, and those who act on them look again.
type runQueue struct {
	lock  spinLock
	bits  atomic.Uint32
	lists [numPriorities]threadList
}

// A threadList is one FIFO of a runQueue, linked through the threads.
type threadList struct {
	first, last *Thread
	// head is the stamp of first.
	head atomic.Uint64
	n    atomic.Int64
}

// top returns the highest priority that has a ready thread, or noPriority.
func (q *runQueue) top() Priority {
	b := q.bits.Load()
	if b == 0 {
		return noPriority
	}
	return Priority(bits.TrailingZeros32(b))
}

// headStamp returns the stamp of the first thread of priority p.
func (q *runQueue) headStamp(p Priority) uint64 { return q.lists[p].head.Load() }

// push puts t at the end of its priority's list, or at its front.
func (q *runQueue) push(t *Thread, stamp uint64, front bool) {
	q.lock.lock()
	q.pushLocked(t, stamp, front)
	q.lock.unlock()
}

func (q *runQueue) pushLocked(t *Thread, stamp uint64, front bool) {
	// The queue is published before the priority is read: setEffective does
	// the two in the opposite order, so that one of them sees the other.
	t.queue.Store(q)
	p := t.effective()
	t.queued = p
	t.stamp = stamp
	l := &q.lists[p]
	switch {
	case l.first == nil:
		t.next, t.prev = nil, nil
		l.first, l.last = t, t
		l.head.Store(stamp)
		q.bits.Store(q.bits.Load() | 1<<p)
	case front:
		t.next, t.prev = l.first, nil
		l.first.prev = t
		l.first = t
		l.head.Store(stamp)
	default:
		t.next, t.prev = nil, l.last
		l.last.next = t
		l.last = t
	}
	l.n.Store(l.n.Load() + 1)
}

// pop takes the first thread of priority p, nil if there is none.
func (q *runQueue) pop(p Priority) *Thread {
	q.lock.lock()
	t := q.lists[p].first
	if t != nil {
		q.removeLocked(t)
	}
	q.lock.unlock()
	return t
}

// remove takes t out of the queue and reports whether it was in it.
func (q *runQueue) remove(t *Thread) bool {
	q.lock.lock()
	defer q.lock.unlock()
	if t.queue.Load() != q {
		return false
	}
	q.removeLocked(t)
	return true
}

func (q *runQueue) removeLocked(t *Thread) {
	p := t.queued
	l := &q.lists[p]
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		l.first = t.next
		if t.next != nil {
			l.head.Store(t.next.stamp)
		}
	}
	if t.next != nil {
		t.next.prev = t.prev
	} else {
		l.last = t.prev
	}
	t.next, t.prev = nil, nil
	t.queue.Store(nil)
	l.n.Store(l.n.Load() - 1)
	if l.first == nil {
		q.bits.Store(q.bits.Load() &^ (1 << p))
	}
}

// reposition moves t to the end of the list of its effective priority, if it
// is in this queue under another one. It reports whether t was in this queue.
func (q *runQueue) reposition(t *Thread, stamp uint64) bool {
	q.lock.lock()
	defer q.lock.unlock()
	if t.queue.Load() != q {
		return false
	}
	if t.queued != t.effective() {
		q.removeLocked(t)
		q.pushLocked(t, stamp, false)
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
			next := t.next
			if t.readyAt < before {
				f(t)
			}
			t = next
		}
	}
	q.lock.unlock()
}

// lengths adds the number of ready threads of each priority to n.
func (q *runQueue) lengths(n *[numPriorities]int) {
	for p := range q.lists {
		n[p] += int(q.lists[p].n.Load())
	}
}
