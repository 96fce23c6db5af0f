package sched

import (
	"math"
	"testing"
	"time"
)

// sharing returns a scheduler of that many workers on which Low has a share.
func sharing(workers int, share float64) *Scheduler {
	s := queuesOnly(workers)
	s.config.MinShare[Low] = share
	s.config.Slices = [NumPriorities]time.Duration{10, 10, 10, 40}
	return s
}

// A balance grows while the class waits, and shrinks by what it has.
func TestShareBalance(t *testing.T) {
	s := sharing(2, 0.25)
	v := &s.monitor.shares
	now := int64(1000)
	expect := func(want float64) {
		t.Helper()
		if v.due[Low] != want {
			t.Errorf("the balance is %v, want %v", v.due[Low], want)
		}
	}
	step := func(d int64) {
		now += d
		s.balanceShares(now)
	}
	step(0) // the first look
	step(100)
	expect(0) // nothing waits
	task := newTask(s, Low)
	s.pushShared(task, Ready, false)
	step(20)
	expect(10)
	v.charge(Low, 4, true)
	v.charge(Low, 3, false)
	step(20)
	expect(10 + 10 - 7)
	v.charge(Normal, 100, true) // not its own
	step(4)
	expect(15)
	unqueue(&s.shared, task)
	v.charge(Low, 30, true) // it has what it wants, and that is more than its share
	step(30)
	expect(15 + 15 - 30)
	v.charge(Low, 10, true) // and less than it
	step(40)
	expect(0)
	v.counted = 0 // nothing was ready
	v.charge(Low, 50, true)
	step(1000)
	expect(-50)
}

// What is far back doesn't count, be it too much or too little. A turn that has begun since
// the last look counts for a tick at most.
func TestShareBounds(t *testing.T) {
	s := sharing(2, 0.25)
	v := &s.monitor.shares
	const window = float64(shareWindow) / 2
	v.charge(Low, int64(time.Hour), true)
	s.balanceShares(1)
	if v.due[Low] != -window {
		t.Errorf("after an hour of running the balance is %v, want %v", v.due[Low], -window)
	}
	s.pushShared(newTask(s, Low), Ready, false)
	for now := int64(1); now < 4*int64(shareWindow); now += int64(tick) {
		s.balanceShares(now)
	}
	if want := window + 2*10; v.due[Low] != want {
		t.Errorf("after seconds of waiting the balance is %v, want %v", v.due[Low], want)
	}
	v.charge(Low, int64(time.Hour), false)
	if v.had[Low] != int64(tick) {
		t.Errorf("a new turn counts for %d, want %d", v.had[Low], tick)
	}
}

// Of the time in which the process was stopped no more than a while counts, for those that have
// waited and for those that had workers.
func TestShareOfStoppedProcess(t *testing.T) {
	s := sharing(2, 0.25)
	v := &s.monitor.shares
	s.pushShared(newTask(s, Low), Ready, false)
	s.balanceShares(1)
	s.balanceShares(1 + int64(time.Hour))
	if want := float64(tick); math.Abs(v.due[Low]-want) > 1 {
		t.Errorf("a class that has waited is owed %v, want %v", v.due[Low], want)
	}
	v.charge(Low, int64(time.Hour), true)
	s.balanceShares(1 + 2*int64(time.Hour))
	if math.Abs(v.due[Low]) > 1 {
		t.Errorf("when it has had one of two workers it is owed %v, want 0", v.due[Low])
	}
}

// A class that is owed a boost gets one, the one that has waited the longest first, and
// before those that are Critical by themselves; another only if it is owed as much again.
func TestServeShares(t *testing.T) {
	s := sharing(3, 0.5)
	v := &s.monitor.shares
	critical := newTask(s, Critical)
	s.pushShared(critical, Ready, false)
	var tasks []*Task
	for range 4 {
		task := newTask(s, Low)
		tasks = append(tasks, task)
		s.pushShared(task, Ready, false)
		s.monitor.starvation.count(Critical, int64(10+len(tasks)))
	}
	expect := func(due float64, want ...bool) {
		t.Helper()
		v.due[Low] = due
		s.serveShares()
		for i, task := range tasks {
			if got := task.marks.has(markBoosted); got != want[i] {
				t.Fatalf("owed %v, task %d is boosted: %v", due, i, got)
			}
		}
	}
	expect(9, false, false, false, false)
	expect(10, true, false, false, false)
	expect(19, true, false, false, false)
	expect(20, true, true, false, false)
	expect(100, true, true, true, false)
	expect(100, true, true, true, false) // no more than there are workers
	tasks[0].unboost()                   // it has had its turn
	expect(0, false, true, true, false)
	tasks[1].where.Store(at(Done, nowhere))
	expect(0, false, false, true, false) // what has ended is no boost
	if n := len(v.boosted); n != 1 {
		t.Errorf("%d boosts are known to be under way, want 1", n)
	}
	if first := s.shared.queue.lists[Critical].first; first == critical {
		t.Error("a boosted task stands behind one that is Critical by itself")
	}
	s.monitor.forget()
	if n := len(v.boosted); n != 0 || tasks[2].marks.has(markBoosted) {
		t.Errorf("%d boosts are known to be under way, want none; the last one is: %v", n, tasks[2].marks.has(markBoosted))
	}
}

// A boost lasts for as long as the class is owed something, from one boost's time to one
// slice of the class; without shares for one boost's time.
func TestBoostWhileOwed(t *testing.T) {
	s := sharing(1, 0.5)
	w := s.workers[0]
	task := newTask(s, Low)
	task.marks.set(markBoosted)
	task.prio.Store(uint32(Critical))
	w.cur = task
	for _, test := range []struct {
		due  float64
		used int64
		over bool
	}{
		{0, 9, false}, {0, 10, true}, {-1, 10, true},
		{1, 10, false}, {1, 39, false}, {1, 40, true},
	} {
		s.monitor.shares.due[Low] = test.due
		s.monitor.endSlice(w, &view{now: 100 + test.used, since: 100}, 0, Critical)
		if over := w.acknowledge() == preemptSlice; over != test.over {
			t.Errorf("owed %v, a boost of %d is over: %v", test.due, test.used, over)
		}
	}
}
