package sched

import (
	"slices"
	"testing"
)

// FuzzTimers adds, removes and fires timers, and compares them with a list that is
// sorted by their times.
func FuzzTimers(f *testing.F) {
	f.Add([]byte{0, 9, 0, 3, 0, 7, 0, 3, 3, 5, 3, 9})
	f.Add([]byte{0, 1, 0, 2, 1, 0, 1, 0, 3, 200})
	f.Add([]byte{0, 5, 0, 5, 0, 5, 2, 1, 1, 2, 3, 5, 1, 0})
	f.Add([]byte{0, 8, 0, 7, 0, 6, 0, 5, 0, 4, 0, 3, 0, 2, 0, 1, 1, 3, 1, 0, 3, 4, 0, 0, 3, 0, 3, 99})
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 2000 {
			return
		}
		s := queuesOnly(1)
		var ts timers
		var waiting []*timer
		clock := int64(0)
		for at := 0; at+1 < len(script); at += 2 {
			x := int(script[at+1])
			switch script[at] % 4 {
			case 0:
				// A task that is parked: it is seen in the queue when it is woken.
				tm := &timer{when: clock + int64(x), ticket: parkedTicket(newTask(s, Normal))}
				first := len(waiting) == 0 || tm.when < waiting[0].when
				if got := ts.add(tm); got != first {
					t.Fatalf("at %d: adding %d, add reports %v", at, tm.when, got)
				}
				i, _ := slices.BinarySearchFunc(waiting, tm.when+1, func(a *timer, when int64) int { return int(a.when - when) })
				waiting = slices.Insert(waiting, i, tm)
			case 1, 2:
				if len(waiting) == 0 {
					continue
				}
				i := x % len(waiting)
				if tm := waiting[i]; script[at]%4 == 1 {
					ts.remove(tm)
					ts.remove(tm) // once more does nothing
					waiting = slices.Delete(waiting, i, i+1)
				} else if k := tm.ticket; !k.over() && !k.t.wait.CompareAndSwap(k.word|waitParked, k.word|waitClaimed) {
					// Somebody else ends the wait: the timer stays, and wakes nobody.
					t.Fatalf("at %d: a wait that nobody has claimed can't be claimed", at)
				}
			case 3:
				clock += int64(x)
				want := make(map[*Task]int64)
				for len(waiting) > 0 && waiting[0].when <= clock {
					if k := waiting[0].ticket; !k.over() {
						want[k.t] = waiting[0].when
					}
					waiting = waiting[1:]
				}
				next := ts.fire(clock)
				checkWoken(t, s, want)
				if len(waiting) == 0 && next != never || len(waiting) > 0 && next != waiting[0].when {
					t.Fatalf("at %d: fire says that the next is at %d, and %d wait", at, next, len(waiting))
				}
			}
			if len(ts.heap) != len(waiting) {
				t.Fatalf("at %d: %d timers, want %d", at, len(ts.heap), len(waiting))
			}
			for i, tm := range ts.heap {
				if tm.index != i {
					t.Fatalf("at %d: the timer at %d believes to be at %d", at, i, tm.index)
				}
			}
		}
	})
}

// checkWoken checks that the tasks in the shared queue, which it empties, are
// those that are wanted, in the order of their times.
func checkWoken(t *testing.T, s *Scheduler, want map[*Task]int64) {
	t.Helper()
	last := int64(0)
	for task := popAt(&s.shared, Normal); task != nil; task = popAt(&s.shared, Normal) {
		when, ok := want[task]
		if !ok || when < last {
			t.Fatalf("a task is woken: wanted %v, for %d, after one for %d", ok, when, last)
		}
		delete(want, task)
		last = when
	}
	if len(want) > 0 {
		t.Fatalf("%d tasks are not woken", len(want))
	}
}
