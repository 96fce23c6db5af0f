package sched

import (
	"testing"
	"time"
)

// The clocks count while tasks of higher priorities have all workers and something is
// ready.
func TestStarvationClocks(t *testing.T) {
	v := &starvation{}
	v.count(Critical, 100) // nothing was ready before
	v.count(Critical, 110) // Critical has all workers: the others starve
	v.count(Normal, 130)   // only Low does
	v.count(Low, 170)      // none
	v.count(None, 250)     // a worker is vacant
	v.counted = 0
	v.count(Critical, 410) // nothing was ready in between
	v.count(Critical, 420)
	v.count(Low, int64(time.Second)) // the Monitor was late
	v.counted = 1
	v.count(Normal, int64(time.Second))
	for p, want := range [NumPriorities]uint64{0, 20, 20, 40 + uint64(2*tick)} {
		if got := v.clocks[p].Load(); got != want {
			t.Errorf("the clock of priority %d says %d, want %d", p, got, want)
		}
	}
}

// The clocks stand while nothing is ready, and go on when something is.
func TestStarvationPauses(t *testing.T) {
	s := queuesOnly(1)
	m := &s.monitor
	m.seen = make([]view, 1)
	s.config.MaxWait = time.Hour
	s.workers[0].level.Store(uint32(High))
	task := newTask(s, Low)
	s.pushShared(task, Ready, false)
	m.look(1000)
	m.look(1010)
	popAt(&s.shared, Low)
	m.look(1030) // it was ready until just now
	m.look(1070)
	s.pushShared(task, Ready, false)
	m.look(1150)
	m.look(1151)
	if got := m.starvation.clocks[Low].Load(); got != 10+20+1 {
		t.Errorf("the clock says %d, want %d", got, 10+20+1)
	}
}

// What rests for high priorities is not vacant for the others.
func TestLowestOfResting(t *testing.T) {
	s := queuesOnly(2)
	s.workers[0].level.Store(uint32(Normal))
	s.workers[1].Lock.Lock()
	s.workers[1].restFor(Critical)
	s.workers[1].Unlock()
	if p := s.lowest(); p != Normal {
		t.Errorf("beside a worker that rests the lowest is %d, want %d", p, Normal)
	}
	s.vacant.remove(s.workers[1])
	s.workers[1].Lock.Lock()
	s.vacant.add(s.workers[1])
	s.workers[1].Unlock()
	if p := s.lowest(); p != None {
		t.Errorf("beside a vacant worker the lowest is %d, want %d", p, None)
	}
}

// Only what has starved in its queue counts, also if it changes lists.
func TestStarved(t *testing.T) {
	s := queuesOnly(1)
	v := &s.monitor.starvation
	starve := func(d int64) { v.count(Critical, v.counted+d) }
	starve(1000)
	task := newTask(s, Low)
	s.pushShared(task, Ready, false)
	starve(50)
	if got := v.starved(task); got != 50 {
		t.Errorf("it has starved for %d, want 50", got)
	}
	v.count(Normal, v.counted+100)
	setPriority(task, Normal)
	if got := v.starved(task); got != 150 {
		t.Errorf("after a change of its priority it has starved for %d, want 150", got)
	}
	v.count(Normal, v.counted+100)
	if got := v.starved(task); got != 150 {
		t.Errorf("beside its equals it has starved for %d, want 150", got)
	}
}

// relieve boosts the one that has starved the longest, beyond MaxWait, one after the other,
// and nobody whose class has a worker.
func TestRelieve(t *testing.T) {
	s := queuesOnly(1)
	s.config.MaxWait, s.config.Slices[Normal] = 100, 15
	v, w := &s.monitor.starvation, s.workers[0]
	running := func(p Priority) {
		w.level.Store(uint32(p))
		v.count(p, v.counted+60)
	}
	var tasks []*Task
	for _, p := range []Priority{Low, Low, Normal} {
		tasks = append(tasks, newTask(s, p))
		running(High)
		s.pushShared(tasks[len(tasks)-1], Ready, false)
	}
	boosted := func() (which []int) {
		for i, task := range tasks {
			if task.marks.has(markBoosted) {
				which = append(which, i)
			}
		}
		return which
	}
	now := int64(time.Second)
	expect := func(want ...int) {
		t.Helper()
		now += 10
		s.relieve(now)
		if got := boosted(); len(got) != len(want) || len(got) > 0 && got[0] != want[0] {
			t.Fatalf("boosted are %v, want %v", got, want)
		}
	}
	running(Low) // the first has waited for 120, and its class has a worker
	expect()
	running(Normal)
	expect(0)
	expect(0) // and no other meanwhile
	tasks[0].unboost()
	unqueue(&s.shared, tasks[0]) // it has its turn
	s.pushShared(tasks[0], Ready, false)
	now -= 10
	w.level.Store(uint32(High))
	expect() // not at once
	expect(1)
	tasks[1].unboost()
	running(High)
	running(High)
	now += 10
	expect(1) // it has had no turn
}
