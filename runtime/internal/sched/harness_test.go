package sched

import (
	"testing"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// queuesOnly returns a scheduler of which only the queues are used: nothing runs, its
// Monitor neither, and no worker is vacant.
func queuesOnly(workers int) *Scheduler {
	s := new(Scheduler)
	s.open(Config{Workers: workers, Bodies: testBodies{}, Watcher: noWatch{}})
	for s.takeVacant(Low) != nil {
	}
	return s
}

// newTask returns a task that has not begun.
func newTask(s *Scheduler, p Priority) *Task { return newTaskOf(s, p, func() {}) }

// newTaskOf returns a task that has not begun, and that runs f.
func newTaskOf(s *Scheduler, p Priority, f func()) *Task {
	t := &testTask{f: f}
	t.Init(s, p)
	return &t.Task
}

// enqueueAt puts t into the queue of pl.
func enqueueAt(pl *place, t *Task, state State, stamp uint64, front bool) {
	pl.Lock.Lock()
	t.where.Store(at(state, pl.index))
	if front {
		pl.queue.pushFront(t)
	} else {
		pl.queue.push(t, stamp)
	}
	pl.Unlock()
}

// unqueue takes t out of the queue of pl, and reports whether it was there.
func unqueue(pl *place, t *Task) bool {
	pl.Lock.Lock()
	defer pl.Unlock()
	if t.where.Load()>>placeShift != pl.index {
		return false
	}
	pl.queue.unlink(t)
	t.where.Store(at(New, nowhere)) // not begun: nobody waits for it to get anywhere
	return true
}

// popAt takes the first task of priority p out of the queue of pl.
func popAt(pl *place, p Priority) *Task {
	pl.Lock.Lock()
	defer pl.Unlock()
	t := pl.queue.pop(p)
	if t != nil {
		t.where.Store(at(New, nowhere)) // not begun: nobody waits for it to get anywhere
	}
	return t
}

// setPriority puts p in force for t.
func setPriority(t *Task, p Priority) {
	t.inherit.base.Store(uint32(p))
	t.enforce()
}

// A testTask is a task that runs a function.
type testTask struct {
	Task
	f func()
}

// testBodies are those of testTasks.
type testBodies struct{}

func (testBodies) Run(t *Task)                 { arch.Enclosing[testTask](t).f() }
func (testBodies) Exit(*Task)                  {}
func (testBodies) Name(*Task) (uint64, string) { return 0, "" }
func (testBodies) Waits(*Task) uint8           { return 0 }
func (testBodies) Overflow(*Task, int, int)    {}

// noWatch is a Watcher that has nothing to watch.
type noWatch struct{}

func (noWatch) Look(*Scheduler, int64, int64) int64 { return Never }
func (noWatch) Late(*Scheduler, int64) bool         { return false }
func (noWatch) Rests(int64) bool                    { return false } // nobody has seen to it that there are Ps enough
func (noWatch) Spent(*Task)                         {}
func (noWatch) Deep(*Task, int)                     {}
func (noWatch) Ready() bool                         { return false }
func (noWatch) Overdue([]Overdue)                   {}
func (noWatch) Idled(*Scheduler)                    {}

// start starts a scheduler of the Native engine, and ends it after the test.
func start(t *testing.T, workers int) *Scheduler {
	t.Helper()
	if err := arch.Native(); err != nil {
		t.Skip(err)
	}
	s := new(Scheduler)
	s.Start(Config{
		Workers: workers, Slices: [NumPriorities]time.Duration{10 * time.Millisecond, 10 * time.Millisecond, 10 * time.Millisecond, 10 * time.Millisecond}, Grace: time.Millisecond, MaxWait: time.Second,
		Native: true, Forced: arch.ForcedPreemption() == nil,
		Bodies:  testBodies{},
		Watcher: noWatch{},
	})
	t.Cleanup(s.Close)
	return s
}

// run starts a task, and returns it with a channel that is closed when it has run.
func run(s *Scheduler, p Priority, f func(t *Task)) (t *Task, done chan struct{}) {
	done = make(chan struct{})
	t = newTaskOf(s, p, func() {
		defer close(done)
		f(t)
	})
	t.Make(New)
	return t, done
}
