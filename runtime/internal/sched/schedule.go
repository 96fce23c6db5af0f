package sched

import (
	"cmp"
	"slices"

	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/event"
)

// For tests, a scheduler can have its schedule from outside: Config.Schedule decides which
// of the ready tasks of a priority goes on, wherever one may, and time goes on when no task
// is ready. Such a scheduler has one worker, is not native, keeps no accounts, and has no
// Monitor: nothing depends on when something happens.
//
// It costs other schedulers nothing. While it is open it counts in preemptPending, and its
// fibers are asked for their stacks all the time. So in the calls of package gv its tasks
// take the ways of those that have a request to answer, and these lead here.
//
// Here the queue is brought into the order that the Schedule wants: where a task may be
// switched, and just before it leaves the worker. So pick finds the next task in front.

// A Schedule decides what goes on in a scheduler.
type Schedule interface {
	// Point is called by t, with no lock held, at a point of its way. If p is not
	// PointEnds it may end the goroutine.
	Point(t *Task, p Point)
	// Rank says where t, which is ready or runs, comes among those of its priority: the
	// least goes on. The caller holds locks: it must not block.
	Rank(t *Task) uint64
}

// A Point is where a task is on its way.
type Point uint8

const (
	// PointPasses: the task goes on, or another one does.
	PointPasses Point = iota
	// PointYields: it lets others run.
	PointYields
	// PointWaits: it is about to wait, or to find that it need not.
	PointWaits
	// PointLeaves: it is about to go on without a worker.
	PointLeaves
	// PointEnds: it has run its last.
	PointEnds
)

// Pass is a point at which the Schedule decides whether the calling task goes on. In
// other schedulers it does nothing.
func (t *Task) Pass() {
	if t.s.config.Schedule == nil {
		return
	}
	t.s.config.Schedule.Point(t, PointPasses)
	w := t.lockWorker()
	if w == nil {
		t.rejoin()
		return
	}
	w.acknowledge()
	first := w.arrange(t)
	w.Unlock()
	if first != t {
		t.yield(t.Priority(), false, event.Yielded)
	}
}

// Reach is a point at which the calling task is about to leave its worker. In other
// schedulers it does nothing.
func (t *Task) Reach(p Point) {
	if t.s.config.Schedule == nil {
		return
	}
	t.s.config.Schedule.Point(t, p)
	if w := t.lockWorker(); w != nil {
		w.arrange(nil)
		w.Unlock()
	}
}

// arrange puts all tasks that are ready into w's queue, in the order in which they are to
// go on, and returns the one that comes first if t, which has w or is nil, counts as ready.
// The caller has locked w.
func (w *worker) arrange(t *Task) (first *Task) {
	shared := &w.s.shared
	shared.Lock.Lock()
	defer shared.Unlock()
	var ranked []rankedTask
	add := func(t *Task) { ranked = append(ranked, rankedTask{t, t.Priority(), w.s.config.Schedule.Rank(t)}) }
	for _, q := range []*runQueue{&w.queue, &shared.queue} {
		for q.top() != None {
			add(q.pop(q.top()))
		}
	}
	if t != nil {
		add(t)
	}
	slices.SortStableFunc(ranked, func(a, b rankedTask) int {
		return cmp.Or(cmp.Compare(a.priority, b.priority), cmp.Compare(a.rank, b.rank))
	})
	for _, r := range ranked {
		if r.task != t {
			r.task.move(w.index)
			w.queue.push(r.task, w.s.arrivals.Load())
		}
	}
	if len(ranked) > 0 {
		first = ranked[0].task
	}
	return first
}

type rankedTask struct {
	task     *Task
	priority Priority
	rank     uint64
}

// Interlude calls wake, which may make tasks ready, while none runs, and then lets them go
// on in their order. It does nothing, and reports false, if a task has the worker.
func (s *Scheduler) Interlude(wake func()) bool {
	w := s.takeVacant(Low)
	if w == nil {
		return false
	}
	wake()
	arch.Pin()
	defer arch.Unpin()
	w.Lock.Lock()
	w.arrange(nil)
	next := w.fill()
	w.Unlock()
	resume(next)
	return true
}

// Advance has time go on to when the next sleeps end, if there are any. It is called in an
// Interlude.
func (s *Scheduler) Advance() {
	if next := s.timers.next(); next != never {
		s.monitor.setTime(next)
		s.timers.fire(next)
	}
}

// HandOver takes the worker from the task that has it, which goes on without until its next
// point, as one that is blocked in Go does.
func (s *Scheduler) HandOver() {
	w := s.workers[0]
	arch.Pin()
	defer arch.Unpin()
	var next *Task
	w.Lock.Lock()
	if t := w.cur; t != nil {
		w.note(event.Taken)
		s.putOutside(t, Running, nil)
		s.handoffs.Add(1)
		w.arrange(nil)
		next = w.fill()
	}
	w.Unlock()
	resume(next)
}

// Break ends a wait that t is blocked in, as Interrupt does, but whether that can be
// interrupted or not.
func (t *Task) Break() {
	word := t.wait.Load()
	if word&waitState != waitParked {
		return
	}
	arch.Pin()
	if t.wait.CompareAndSwap(word, word|waitInterrupted) {
		t.ready(Current(), Ready)
	} else {
		arch.Unpin()
	}
}

// Now returns the time that s goes by.
func (s *Scheduler) Now() int64 {
	if s.config.Schedule != nil {
		return s.monitor.time.Load()
	}
	return Now()
}

// open is start for a scheduler without a Monitor. What the Monitor would be woken for
// finds that it is about to look.
func (m *monitor) open() {
	m.steady.Store(1)
	m.setTime(1) // 0 would be no coarse time
	m.planned.Store(0)
	preemptPending.Add(1)
}

// setTime makes now the time of a scheduler with a Schedule. Turns that are accounted for or
// recorded go by the real one, as they do elsewhere.
func (m *monitor) setTime(now int64) {
	m.time.Store(now)
	m.setCoarse(now)
}

// close is stop for such a one.
func (m *monitor) close() { preemptPending.Add(-1) }
