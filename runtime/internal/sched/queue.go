package sched

import (
	"math/bits"

	"github.com/gvthread/gvthread/arch"
)

// A runQueue holds ready tasks: a FIFO list for each priority, and a bitmap of the
// lists that are not empty. Each worker has one for the tasks that became ready on
// it, and the scheduler has one for all others.
//
// All is guarded by the lock of the place that the queue is part of, also the queue
// fields of the tasks in it. bits is written under the lock and may be read without:
// it is right at some moment, and those who act on it look again. That a list is no
// longer empty is published with a barrier, after which the writer looks who could
// take the task; those who become able to take one do the opposite. Only what is left to
// the Monitor needs none: see ready.
type runQueue struct {
	bits  arch.Word
	n     int
	lists [NumPriorities]taskList
}

// top returns the highest priority that has a ready task, or None.
func (q *runQueue) top() Priority {
	return Priority(bits.TrailingZeros32(q.bits.Load() | 1<<None))
}

// any reports whether a task of one of the priorities in set is ready.
func (q *runQueue) any(set uint32) bool { return q.bits.Load()&set != 0 }

// below returns the highest priority below p that has a ready task, or None.
func (q *runQueue) below(p Priority) Priority {
	b := q.bits.Load() >> (p + 1) << (p + 1)
	if b == 0 {
		return None
	}
	return Priority(bits.TrailingZeros32(b))
}

// push puts t at the end of its priority's list.
func (q *runQueue) push(t *Task, stamp uint64) {
	if q.append(t, stamp) {
		q.publish()
	}
}

// append is push, which publish follows if the list was empty: then it reports true.
func (q *runQueue) append(t *Task, stamp uint64) (first bool) {
	p := t.Priority()
	t.queued, t.stamp, t.slice = p, stamp, timeSlice{}
	q.n++
	if !q.lists[p].append(t) {
		return false
	}
	q.bits.Store(q.bits.Load() | 1<<p)
	return true
}

// publish lets others see what is in q before the caller looks at them.
func (q *runQueue) publish() { q.bits.Publish(q.bits.Load()) }

// pushFront puts t at the front of its priority's list, before all that have a stamp. It goes
// on with its slice.
func (q *runQueue) pushFront(t *Task) {
	p := t.Priority()
	t.queued, t.stamp = p, 0
	q.n++
	if q.lists[p].prepend(t) {
		q.bits.Publish(q.bits.Load() | 1<<p)
	}
}

// pop takes the first task of priority p, nil if there is none. It is unlink for the front of
// a list, and inlined: a task is popped for most turns, and mostly it is the only one.
func (q *runQueue) pop(p Priority) *Task {
	l := &q.lists[p]
	t := l.first
	if t == nil {
		return nil
	}
	q.n--
	l.n--
	if next := t.next; next != nil {
		l.first, next.prev, t.next = next, nil, nil
		return t
	}
	l.first, l.last = nil, nil
	q.bits.Store(q.bits.Load() &^ (1 << p))
	return t
}

// unlink takes out t, which is in q.
func (q *runQueue) unlink(t *Task) {
	p := t.queued
	l := &q.lists[p]
	l.cut(t)
	q.n--
	if l.first == nil {
		q.bits.Store(q.bits.Load() &^ (1 << p))
	}
	l.prefetch()
}

// heads calls f for the tasks at the heads of the lists from priority p on down, at most
// depth of a list.
func (q *runQueue) heads(p Priority, depth int, f func(*Task)) {
	for ; p < None; p++ {
		t := q.lists[p].first
		for i := 0; t != nil && i < depth; i++ {
			f(t)
			t = t.next
		}
	}
}
