package gv

import (
	"context"
	"sync/atomic"
)

// A Thread is a function that runs on a Runtime's workers: what Go starts. It
// is carried by a goroutine from its first turn to its last, so everything
// that works in a goroutine works in it.
//
// All methods may be called from any goroutine or thread.
type Thread struct {
	rt   *Runtime
	id   uint64
	name string
	fn   func(context.Context) error
	// given is the context that WithContext gave, or Background; timed says that it
	// has a deadline.
	given context.Context
	timed bool
	// left says that leaveFamily was called. Owned by the side that ends the thread.
	left bool

	// baseP is the priority that the user set, prio the one in force; see
	// inherit.go. prio is written under prioLock only.
	baseP    atomic.Uint32
	prio     atomic.Uint32
	prioLock spinLock
	lent     inheritance
	boosted  atomic.Bool

	// word is a threadWord: the thread's state, place and turn.
	word atomic.Uint64
	// fiber carries the thread from its first turn on. Written by the side
	// that starts it, while it owns the thread.
	fiber *fiber
	// outside counts the Block calls that the thread is in. Written by the
	// thread itself.
	outside atomic.Int32
	// hearing says whether the thread is known to come to safepoints.
	hearing hearing
	// astray is set while the thread runs, or may run, without a worker that it
	// should have; it counts in preemptPending.
	astray atomic.Bool
	stack  stackWatch
	// slice is written under the lock of the queue that the thread is in, or of the
	// worker that it holds.
	slice timeSlice
	// waits says what the thread waits for while it is blocked.
	waits waitNote

	// Owned by the queue that the thread is in, under its lock.
	queued     Priority
	next, prev *Thread
	stamp      uint64
	readyAt    int64

	// parking is the handshake between park and ready: one of the park
	// constants in park.go.
	parking atomic.Uint32
	waiter  waiter
	// cancellable is the generation of the waiter's current wait if a
	// cancellation may end it, otherwise 0.
	cancellable atomic.Uint64
	// cancelledBy is set once, by the first cancellation.
	cancelledBy atomic.Pointer[cancellation]

	life lifecycle
}

// A State says what a thread is doing.
type State uint8

const (
	// StateNew: not yet run.
	StateNew State = iota
	// StateReady: waiting for a worker.
	StateReady
	// StateRunning: on a worker.
	StateRunning
	// StateBlocked: waiting in a call of this package, or in Block.
	StateBlocked
	// StatePreempted: stopped by force, and waiting for a worker; or displaced by
	// a more urgent thread, with which its OS thread shares a core.
	StatePreempted
	// StateDone: ended, its result is there.
	StateDone
)

// String returns the name of the state.
func (s State) String() string {
	return [...]string{"New", "Ready", "Running", "Blocked", "Preempted", "Done"}[s]
}

// ID returns the thread's number, unique in its runtime.
func (t *Thread) ID() uint64 { return t.id }

// Name returns the name that WithName gave the thread, "" if none.
func (t *Thread) Name() string { return t.name }

// State returns what the thread is doing at this moment. A thread that is
// blocked in Go itself (a mutex of package sync, a system call) counts as
// Running.
func (t *Thread) State() State { return t.load().state() }

// Priority returns the priority that the thread was started with or that
// SetPriority gave it last. A thread may for a time run at a higher one: while
// it holds a Mutex that a higher thread waits for, and for one slice after it
// has been ready for Config.MaxWait.
func (t *Thread) Priority() Priority { return t.base() }

// SetPriority changes the thread's priority; it takes effect at once, also for
// a thread that is ready or running. Values that are no Priority count as Low.
func (t *Thread) SetPriority(p Priority) {
	t.baseP.Store(uint32(p.clamp()))
	t.baseChanged()
	Safepoint() // the caller may have lowered itself
}

// base is the priority that the user set.
func (t *Thread) base() Priority { return Priority(t.baseP.Load()) }

// effective is the priority in force.
func (t *Thread) effective() Priority { return Priority(t.prio.Load()) }

// setEffective puts p in force: a ready thread moves to the end of the list for
// p, a running one makes way if something ready is now above it.
func (t *Thread) setEffective(p Priority) {
	if t.effective() == p {
		return
	}
	t.prio.Store(uint32(p))
	// See pushLocked for the order of these accesses.
	for {
		word := t.load()
		if word.place() == nowhere {
			return
		}
		switch word.state() {
		case StateRunning:
			if t.rt.workerAt(word.place()).relevel(t) {
				return
			}
		case StateNew, StateReady, StatePreempted:
			if t.rt.queueAt(word.place()).reposition(t, t.rt.arrivals.Add(1)) {
				t.rt.published(p)
				return
			}
		default:
			return
		}
	}
}

// held returns the worker that the thread holds, nil if none. It is certain only
// for the thread itself, pinned, or under the worker's lock.
func (t *Thread) held() *worker {
	if word := t.load(); word.state() == StateRunning && word.place() != nowhere {
		return t.rt.workerAt(word.place())
	}
	return nil
}

// Current returns the calling thread, nil when the caller is a plain goroutine.
// A goroutine that a thread starts is a plain goroutine.
func Current() *Thread {
	if f := fiberOf(); f != nil {
		return f.thread.Load()
	}
	return nil
}
