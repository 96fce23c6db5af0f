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
	empty := l.first == nil
	if front {
		l.prepend(t)
	} else {
		l.append(t)
	}
	q.n++
	if empty {
		q.bits.Publish(q.bits.Load() | 1<<p)
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
