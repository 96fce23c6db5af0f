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
// take the task; those who become able to take one do the opposite.
type runQueue struct {
	bits  arch.Word
	n     int
	lists [NumPriorities]taskList
}

// A taskList is one FIFO of a runQueue, linked through the tasks.
type taskList struct {
	first, last *Task
	n           int
}

// top returns the highest priority that has a ready task, or None.
func (q *runQueue) top() Priority {
	b := q.bits.Load()
	if b == 0 {
		return None
	}
	return Priority(bits.TrailingZeros32(b))
}

// push puts t at the end of its priority's list, or at its front, where it goes on
// with its slice.
func (q *runQueue) push(t *Task, stamp uint64, front bool) {
	p := t.Priority()
	t.queued = p
	t.stamp = stamp
	if !front {
		t.slice = timeSlice{}
	}
	l := &q.lists[p]
	l.n++
	q.n++
	switch {
	case l.first == nil:
		t.next, t.prev = nil, nil
		l.first, l.last = t, t
		q.bits.Publish(q.bits.Load() | 1<<p)
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

// pop takes the first task of priority p, nil if there is none.
func (q *runQueue) pop(p Priority) *Task {
	t := q.lists[p].first
	if t != nil {
		q.unlink(t)
	}
	return t
}

// rotate takes out the first of l and puts t at the end: l does not become empty.
func (l *taskList) rotate(t *Task) {
	first := l.first
	t.next, t.prev = nil, l.last
	l.last.next = t
	l.last = t
	l.first = first.next
	l.first.prev = nil
	first.next = nil
}

// unlink takes out t, which is in q.
func (q *runQueue) unlink(t *Task) {
	p := t.queued
	l := &q.lists[p]
	l.n--
	q.n--
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

// overdue calls f for the tasks at the front of the lists below Critical that have
// been ready since before the given time, at most depth of a list. A task that was
// preempted in its slice goes to the front and may hide older ones: depth is the
// number that can be hidden, and one more.
func (q *runQueue) overdue(before int64, depth int, f func(*Task)) {
	for p := High; p < None; p++ {
		t := q.lists[p].first
		for i := 0; t != nil && i < depth; i++ {
			if t.readyAt < before {
				f(t)
			}
			t = t.next
		}
	}
}
