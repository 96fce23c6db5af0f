package sched

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// goroutineTicket starts a wait of a goroutine.
func goroutineTicket() Ticket {
	t := new(Task)
	t.InitPlain()
	return t.ArmPlain()
}

// parkedTicket starts a wait of a task that is parked in it.
func parkedTicket(t *Task) Ticket {
	k := t.Arm(false)
	t.where.Store(at(Blocked, nowhere))
	t.wait.Store(k.word | waitParked)
	return k
}

// over reports whether the wait was claimed.
func (k Ticket) over() bool { return k.t.wait.Load()&waitState == waitClaimed }

// Timers fire when they are due, no earlier, in the order of their times, and
// not after they were removed.
func TestTimersAgainstModel(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var ts timers
	var waiting []*timer
	clock := int64(0)
	first := func() int64 {
		next := int64(never)
		for _, tm := range waiting {
			next = min(next, tm.when)
		}
		return next
	}
	for step := range 5000 {
		switch r.IntN(4) {
		case 0, 1:
			tm := &timer{when: clock + int64(r.IntN(100)), ticket: goroutineTicket()}
			isFirst := tm.when < first()
			if got := ts.add(tm); got != isFirst {
				t.Fatalf("step %d: add reports %v", step, got)
			}
			waiting = append(waiting, tm)
		case 2:
			if len(waiting) == 0 {
				continue
			}
			i := r.IntN(len(waiting))
			tm := waiting[i]
			ts.remove(tm)
			ts.remove(tm) // a second time does nothing
			waiting = slices.Delete(waiting, i, i+1)
			if tm.ticket.over() {
				t.Fatalf("step %d: a timer for %d has fired at %d", step, tm.when, clock)
			}
		case 3:
			clock += int64(r.IntN(30))
			next := ts.fire(clock)
			waiting = slices.DeleteFunc(waiting, func(tm *timer) bool {
				due := tm.when <= clock
				if tm.ticket.over() != due {
					t.Fatalf("step %d: a timer for %d at %d: fired %v", step, tm.when, clock, !due)
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
	s := queuesOnly(1)
	var ts timers
	r := rand.New(rand.NewPCG(9, 10))
	const n = 100
	ids := map[*Task]int{}
	for _, i := range r.Perm(n) {
		// Waking a task that is parked puts it into the shared queue.
		task := newTask(s, Normal)
		ids[task] = i
		ts.add(&timer{when: int64(i), ticket: parkedTicket(task)})
	}
	if next := ts.fire(n / 2); next != n/2+1 {
		t.Errorf("the next is at %d", next)
	}
	ts.fire(n)
	at := s.shared.queue.lists[Normal].first
	for i := range n {
		if at == nil || ids[at] != i {
			t.Fatalf("task %v is at %d of the queue", at, i)
		}
		at = at.next
	}
}

// A timer that fires and an owner who ends the wait at the same time: exactly one of them
// does, and a timer that was removed is gone.
func TestTimersRemoveRacesWithFire(t *testing.T) {
	var ts timers
	for range 2000 {
		k := goroutineTicket()
		tm := &timer{when: 1, ticket: k}
		ts.add(tm)
		var wg sync.WaitGroup
		wg.Go(func() { ts.fire(1) })
		ts.remove(tm)
		won, blocked := k.Claim()
		wg.Wait()
		if blocked {
			t.Fatal("a goroutine is blocked that has not waited")
		}
		if again, _ := k.Claim(); again {
			t.Fatal("a wait was claimed twice")
		}
		if !won {
			k.WaitPlain() // is over
		}
	}
	if n := len(ts.heap); n != 0 {
		t.Errorf("%d timers are left", n)
	}
}
