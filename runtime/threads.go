package gv

import (
	"fmt"
	"iter"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// A ThreadInfo is what is known of a thread at one moment.
type ThreadInfo struct {
	// ID and Name are what Thread.ID and Thread.Name return.
	ID   uint64
	Name string
	// Priority is the thread's own, as Thread.Priority has it. Effective is the one in
	// force, which may be higher for a time.
	Priority, Effective Priority
	State               State
	// Worker is the number of the worker that the thread has, from 1 on, 0 if it has none.
	// A thread that is Running without one has lost it while it was blocked in Go, and asks
	// for one at its next safepoint.
	Worker int
	// Waits says what the thread waits for if it is Blocked, such as "to receive from a
	// Chan". If it is Running, and known to be "blocked in Go" or "in a system call", it
	// says that.
	Waits string
	// ReadyFor is for how long the thread has waited for a worker, if it is in a queue for
	// one: to about a millisecond, or exactly with Config.Accounting.
	ReadyFor time.Duration
	// RunTime is what Thread.RunTime returns.
	RunTime time.Duration
	// Budget is what WithBudget gave the thread, 0 if nothing, and BudgetLeft how much of it
	// is left. Without Config.Accounting that is as the Monitor has seen it.
	Budget, BudgetLeft time.Duration
	// Goroutine is the number of the goroutine that carries the thread; 0 before its first
	// turn, and where that can't be known.
	Goroutine uint64
	// StackUsed is how deep the thread's stack has been, in bytes, in whole pages, if
	// Config.Stacks is SlotStacks; else 0. That counts from when the slot was last idle, so
	// other threads may have had it since.
	StackUsed int
	// Parent is the ID of the thread that started this one, 0 if a goroutine did.
	Parent uint64
	// Cancelled says that the thread was cancelled.
	Cancelled bool
}

// Threads returns the threads that are alive when the iteration begins, in the order of
// their IDs. Those that end before it gets to them are left out.
//
// It may be used at any time, from any goroutine or thread, and stops none. Only to start
// and to end, those that goroutines have started wait while the iteration begins: 0.1 ms where
// 10,000 are alive. Each ThreadInfo holds at one moment, but that is another for each.
func (rt *Runtime) Threads() iter.Seq[ThreadInfo] {
	return func(yield func(ThreadInfo) bool) {
		for _, t := range rt.live.all() {
			if i, alive := t.info(); alive && !yield(i) {
				return
			}
		}
	}
}

// Running returns what is known of the threads that the workers have: of worker n's at index
// n-1. An idle worker has the zero ThreadInfo, whose ID is 0.
//
// It takes as long as there are workers, and may be called as Threads may.
func (rt *Runtime) Running() []ThreadInfo {
	tasks := rt.sched.Running()
	infos := make([]ThreadInfo, len(tasks))
	for i, task := range tasks {
		if task != nil {
			infos[i] = threadOf(task).infoAs(StateRunning, i+1)
		}
	}
	return infos
}

// infoTries is how often a thread is looked at that changes meanwhile, before what was
// seen is taken as it is.
const infoTries = 10

// info returns what is known of t, unless it has ended.
func (t *Thread) info() (i ThreadInfo, alive bool) {
	for range infoTries {
		state := t.state()
		if state == StateDone {
			return ThreadInfo{}, false
		}
		_, worker := t.task.State()
		i = t.infoAs(state, worker)
		if _, w := t.task.State(); t.state() == state && w == worker {
			break
		}
	}
	return i, true
}

// infoAs returns what is known of t, which was as given a moment ago.
func (t *Thread) infoAs(s State, worker int) ThreadInfo {
	i := ThreadInfo{
		ID:        t.id,
		Name:      t.Name(),
		Priority:  t.base(),
		Effective: t.effective(),
		State:     s,
		Worker:    worker,
		RunTime:   t.RunTime(),
		Cancelled: t.cancellation() != nil,
	}
	i.Budget, i.BudgetLeft = t.task.Budget()
	switch s {
	case StateBlocked:
		i.Waits = t.waiting()
	case StateRunning:
		i.Waits = statusText(t.task.GoStatus())
	default:
		i.ReadyFor = t.readyFor()
	}
	if s != StateNew {
		i.Goroutine = t.task.Goroutine()
		i.StackUsed = t.task.StackUsed()
	}
	if parent := t.life.parent; parent != nil {
		i.Parent = parent.id
	}
	return i
}

// statusText says what a running thread does, if that is not to run.
func statusText(s arch.Status) string {
	switch s {
	case arch.StatusBlocked:
		return "blocked in Go"
	case arch.StatusSyscall:
		return "in a system call"
	}
	return ""
}

// readyFor returns for how long t has been ready, 0 if it is in no queue.
func (t *Thread) readyFor() time.Duration {
	since, ok := t.task.ReadySince()
	if !ok {
		return 0
	}
	return max(0, time.Duration(t.rt().sched.Now()-since))
}

// describe names t.
func (t *Thread) describe() string { return describeThread(t.id, t.Name()) }

// describeThread names the thread of that ID and name.
func describeThread(id uint64, name string) string {
	if name == "" {
		return fmt.Sprintf("thread %d", id)
	}
	return fmt.Sprintf("thread %d %q", id, name)
}
