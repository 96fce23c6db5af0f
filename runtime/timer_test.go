package gv

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// goroutineTicket starts a wait of a goroutine.
func goroutineTicket() ticket { return newTicket(nil, waitSleep) }

// Timers fire when they are due, no earlier, in the order of their times, and
// not after they were removed.
func TestTimersAgainstModel(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var ts timers
	type entry struct {
		tm *timer
	}
	var waiting []*entry
	clock := int64(0)
	first := func() int64 {
		next := int64(never)
		for _, e := range waiting {
			next = min(next, e.tm.when)
		}
		return next
	}
	claimed := func(e *entry) bool { return e.tm.ticket.w.word.Load()&1 != 0 }
	for step := range 5000 {
		switch r.IntN(4) {
		case 0, 1:
			e := &entry{tm: &timer{when: clock + int64(r.IntN(100)), ticket: goroutineTicket()}}
			isFirst := e.tm.when < first()
			if got := ts.add(e.tm); got != isFirst {
				t.Fatalf("step %d: add reports %v", step, got)
			}
			waiting = append(waiting, e)
		case 2:
			if len(waiting) == 0 {
				continue
			}
			i := r.IntN(len(waiting))
			e := waiting[i]
			ts.remove(e.tm)
			ts.remove(e.tm) // a second time does nothing
			waiting = slices.Delete(waiting, i, i+1)
			if claimed(e) {
				t.Fatalf("step %d: a timer for %d has fired at %d", step, e.tm.when, clock)
			}
		case 3:
			clock += int64(r.IntN(30))
			next := ts.fire(clock)
			waiting = slices.DeleteFunc(waiting, func(e *entry) bool {
				due := e.tm.when <= clock
				if claimed(e) != due {
					t.Fatalf("step %d: a timer for %d at %d: fired %v", step, e.tm.when, clock, !due)
				}
				return due
			})
			if next != first() {
				t.Fatalf("step %d: fire says that the next is at %d, want %d", step, next, first())
			}
		}
		if got := ts.next(); got != first() {
			t.Fatalf("step %d: next is %d, want %d", step, got, first())
		}
		if len(ts.heap) != len(waiting) {
			t.Fatalf("step %d: %d timers, want %d", step, len(ts.heap), len(waiting))
		}
	}
}

// fire wakes in the order of the times.
func TestTimersWakeInOrder(t *testing.T) {
	rt := newTestRuntime(1)
	rt.monitor.rt = rt
	rt.monitor.planned.Store(never)
	var ts timers
	r := rand.New(rand.NewPCG(9, 10))
	const n = 100
	for _, i := range r.Perm(n) {
		// Threads that are parked: waking one puts it into the shared queue.
		th := newTestThread(rt, uint64(i), Normal)
		th.waiter.thread = th
		th.parking.Store(parkParked)
		ts.add(&timer{when: int64(i), ticket: newTicket(th, waitSleep)})
	}
	if next := ts.fire(n / 2); next != n/2+1 {
		t.Errorf("the next is at %d", next)
	}
	ts.fire(n)
	rt.shared.lock.lock()
	defer rt.shared.lock.unlock()
	at := rt.shared.lists[Normal].first
	for i := range uint64(n) {
		if at == nil || at.id != i {
			t.Fatalf("thread %v is at %d of the queue", at, i)
		}
		at = at.next
	}
}

// A timer that fires and a removal at the same time: either the wait was claimed,
// or it never will be.
func TestTimersRemoveRacesWithFire(t *testing.T) {
	var ts timers
	for range 2000 {
		k := goroutineTicket()
		tm := &timer{when: 1, ticket: k}
		ts.add(tm)
		var wg sync.WaitGroup
		wg.Go(func() { ts.fire(1) })
		ts.remove(tm)
		cancelled := k.giveUp()
		wg.Wait()
		if !cancelled {
			if err := k.wait(); err != nil {
				t.Fatal(err)
			}
		}
		k.done()
	}
	if n := len(ts.heap); n != 0 {
		t.Errorf("%d timers are left", n)
	}
}
