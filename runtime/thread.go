package gv

import (
	"context"
	"fmt"
	"runtime/trace"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// A Thread is a function that runs on a Runtime's workers: what Go starts. It
// is carried by a goroutine from its first turn to its last, so everything
// that works in a goroutine works in it.
//
// All methods may be called from any goroutine or thread.
type Thread struct {
	// waiter has the thread as the scheduler knows it: first, for threadOf.
	waiter

	id uint64
	fn func(context.Context) error
	// options is nil if the thread has none. It changes only when the thread begins while
	// an execution trace is taken: see callTraced.
	options atomic.Pointer[threadOptions]

	// waits says what the thread waits for while it is blocked. waitArg is the number of
	// the thread that is waited for, when a Sleep ends, or how much of a Semaphore is
	// asked for.
	waitArg arch.Word64
	waits   waitNote
	// left says that leaveFamily was called. Owned by the side that ends the thread.
	left bool
	// hadChildren says that the thread has started others. Its own.
	hadChildren bool
	// rare is nil until the thread is cancelled, waits for a Mutex or a Semaphore, or is asked
	// for one of its channels.
	rare atomic.Pointer[rareState]

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

	numStates
)

// String returns the name of the state.
func (s State) String() string {
	if s < numStates {
		return [numStates]string{"New", "Ready", "Running", "Blocked", "Preempted", "Done"}[s]
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// rt returns the thread's runtime.
func (t *Thread) rt() *Runtime { return arch.Enclosing[Runtime](t.task.Scheduler()) }

// ID returns the thread's number, unique in its runtime.
func (t *Thread) ID() uint64 { return t.id }

// Name returns the name that WithName gave the thread, "" if none.
func (t *Thread) Name() string { return t.opts().name }

// opts returns the thread's options. If it has none, they are all zero, and not to be written.
func (t *Thread) opts() *threadOptions {
	if o := t.options.Load(); o != nil {
		return o
	}
	return &noOptions
}

// given returns the context that the thread was given, or context.Background.
func (t *Thread) given() context.Context {
	if ctx := t.opts().ctx; ctx != nil {
		return ctx
	}
	return context.Background()
}

// State returns what the thread is doing at this moment. A thread that is
// blocked in Go itself (a mutex of package sync, a system call) counts as
// Running.
func (t *Thread) State() State {
	s := t.state()
	point()
	return s
}

// state is State, but no point.
func (t *Thread) state() State {
	if t.life.ended.Load() != 0 {
		return StateDone
	}
	s, _ := t.task.State()
	return State(s)
}

// Priority returns the priority that the thread was started with or that
// SetPriority gave it last. A thread may for a time run at a higher one: while
// it holds a Mutex that a higher thread waits for, and for one slice after it
// has been ready for Config.MaxWait.
func (t *Thread) Priority() Priority { return t.base() }

// SetPriority changes the thread's priority; it takes effect at once, also for
// a thread that is ready or running. Values that are no Priority count as Low. Which labels
// follow says Config.ProfileLabels.
func (t *Thread) SetPriority(p Priority) {
	t.task.SetBase(sched.Priority(p.clamp()))
	t.propagate()
	if t.rt().config.ProfileLabels && Current() == t {
		t.relabel()
	}
	if trace.IsEnabled() {
		t.logPriority()
	}
	Safepoint() // the caller may have lowered itself
}

// base is the priority that the user set.
func (t *Thread) base() Priority { return Priority(t.task.Base()) }

// effective is the priority in force.
func (t *Thread) effective() Priority { return Priority(t.task.Priority()) }

// Current returns the calling thread, nil when the caller is a plain goroutine.
// A goroutine that a thread starts is a plain goroutine.
func Current() *Thread { return threadOf(sched.Current()) }

// asTask returns what t is to the scheduler. t may be nil.
func (t *Thread) asTask() *sched.Task {
	if t != nil {
		return &t.task
	}
	return nil
}

// threadOf returns the thread that t is to the scheduler. t may be nil.
func threadOf(t *sched.Task) *Thread { return arch.Enclosing[Thread](t) }
