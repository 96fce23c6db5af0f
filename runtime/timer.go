package gv

import (
	"container/heap"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// now returns the monotonic time that all times in this package count in.
func now() int64 { return arch.Now() }

// timers are the waits of a runtime that end at a time. The Monitor ends them.
type timers struct {
	lock spinLock
	heap timerHeap
}

// A timer ends one wait.
type timer struct {
	when   int64
	ticket ticket
	index  int // in the heap, -1 when it is not there
}

// add enters a timer and reports whether it is now the first.
func (ts *timers) add(tm *timer) bool {
	ts.lock.lock()
	defer ts.lock.unlock()
	heap.Push(&ts.heap, tm)
	return tm.index == 0
}

// remove takes a timer out that may have fired already.
func (ts *timers) remove(tm *timer) {
	ts.lock.lock()
	if tm.index >= 0 {
		heap.Remove(&ts.heap, tm.index)
	}
	ts.lock.unlock()
}

// fire ends the waits whose time has come, and returns the time of the next
// one, or never.
func (ts *timers) fire(at int64) (next int64) {
	for {
		ts.lock.lock()
		if len(ts.heap) == 0 {
			ts.lock.unlock()
			return never
		}
		tm := ts.heap[0]
		if tm.when > at {
			ts.lock.unlock()
			return tm.when
		}
		heap.Pop(&ts.heap)
		// The ticket is claimed under the lock: after remove, its owner may
		// start another wait.
		won := tm.ticket.claim()
		ts.lock.unlock()
		if won {
			tm.ticket.wake(nil)
		}
	}
}

// next returns the time of the first timer, or never.
func (ts *timers) next() int64 {
	ts.lock.lock()
	defer ts.lock.unlock()
	if len(ts.heap) == 0 {
		return never
	}
	return ts.heap[0].when
}

// timerHeap implements heap.Interface.
type timerHeap []*timer

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
	*h = append(*h, tm)
}

// Pop implements heap.Interface.
func (h *timerHeap) Pop() any {
	n := len(*h) - 1
	tm := (*h)[n]
	(*h)[n] = nil
	*h = (*h)[:n]
	tm.index = -1
	return tm
}

// Sleep parks the calling thread for at least d and returns nil, or, at once
// when the thread is cancelled, an error that wraps ErrCancelled. For d <= 0 it
// is Yield. In a plain goroutine it is time.Sleep.
func Sleep(d time.Duration) error {
	t := Current()
	if t == nil {
		time.Sleep(d)
		return nil
	}
	if err := t.cancelCause(); err != nil {
		return err
	}
	if d <= 0 {
		Yield()
		return t.cancelCause()
	}
	when := now() + int64(d)
	if when < 0 {
		when = never // d is beyond what the clock can count
	}
	t.waitsFor(when)
	k := newTicket(t, waitSleep)
	tm := &timer{when: when, ticket: k}
	if t.rt.timers.add(tm) {
		t.rt.monitor.wakeAt(tm.when)
	}
	err := k.waitCancel()
	if err != nil {
		t.rt.timers.remove(tm)
	}
	k.done()
	t.checkStack()
	return err
}
