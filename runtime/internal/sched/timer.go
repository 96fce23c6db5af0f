package sched

import (
	"container/heap"

	"github.com/gvthread/gvthread/arch"
)

// Now returns the monotonic time that all times in this package count in.
func Now() int64 { return arch.Now() }

// timers are the waits that end at a time. The Monitor ends them.
type timers struct {
	lock arch.Lock
	heap timerHeap
}

// A timer ends one wait.
type timer struct {
	when   int64
	ticket Ticket
	index  int // in the heap, -1 when it is not there
}

// add enters a timer and reports whether it is now the first.
func (ts *timers) add(tm *timer) bool {
	ts.lock.Lock()
	defer ts.lock.Unlock()
	heap.Push(&ts.heap, tm)
	return tm.index == 0
}

// remove takes a timer out that may have fired already.
func (ts *timers) remove(tm *timer) {
	ts.lock.Lock()
	if tm.index >= 0 {
		heap.Remove(&ts.heap, tm.index)
	}
	ts.lock.Unlock()
}

// fire ends the waits whose time has come, and returns the time of the next one, or
// never.
func (ts *timers) fire(now int64) (next int64) {
	for {
		ts.lock.Lock()
		if len(ts.heap) == 0 {
			ts.lock.Unlock()
			return never
		}
		if when := ts.heap[0].when; when > now {
			ts.lock.Unlock()
			return when
		}
		tm := heap.Pop(&ts.heap).(*timer)
		_, blocked := tm.ticket.Claim()
		ts.lock.Unlock()
		if blocked {
			tm.ticket.Wake()
		}
	}
}

// next returns the time of the first timer, or never.
func (ts *timers) next() int64 {
	ts.lock.Lock()
	defer ts.lock.Unlock()
	if len(ts.heap) == 0 {
		return never
	}
	return ts.heap[0].when
}

// SleepUntil blocks the calling task until the given time, and reports whether it was
// interrupted.
func (t *Task) SleepUntil(when int64) (interrupted bool) {
	k := t.Arm(true)
	tm := &timer{when: when, ticket: k}
	if t.s.timers.add(tm) {
		t.s.monitor.wakeAt(when)
	}
	if interrupted = k.Wait(); interrupted {
		t.s.timers.remove(tm)
	}
	return interrupted
}

// A timedEntry is a timer in the heap, with its time beside it: who compares, under the
// lock, need not go to the timers for it.
type timedEntry struct {
	when int64
	*timer
}

// timerHeap implements heap.Interface.
type timerHeap []timedEntry

func (h timerHeap) Len() int           { return len(h) }
func (h timerHeap) Less(i, j int) bool { return h[i].when < h[j].when }
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *timerHeap) Push(x any) {
	tm := x.(*timer)
	tm.index = len(*h)
	*h = append(*h, timedEntry{tm.when, tm})
}

// Pop implements heap.Interface.
func (h *timerHeap) Pop() any {
	n := len(*h) - 1
	tm := (*h)[n].timer
	(*h)[n] = timedEntry{}
	*h = (*h)[:n]
	tm.index = -1
	return tm
}
