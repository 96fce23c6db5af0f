package gv

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// A Runtime runs threads on a fixed number of workers. New opens it, and Close gives back what
// it has taken; the zero Runtime can't be used. Programs need one; it costs nothing while no
// thread is ready to run.
//
// While a Runtime with the Native engine is open, GOMAXPROCS is raised by three,
// and by what Workers asks for beyond it: one P for the timer thread, one for the
// program's other goroutines, and one for the garbage collector. So what sizes a pool
// by runtime.GOMAXPROCS(0) makes it larger; Stats().Workers is the number without
// that. Where GOMAXPROCS was Go's own choice, it goes on to follow the cores and the quota
// of the process: they are looked at once a second while there is something to time. And
// Linux is asked for short time slices for the OS threads of the process,
// which processes that it starts don't inherit, unless its nice value is below 0.
type Runtime struct {
	// sched is the first, for Thread.rt.
	sched sched.Scheduler

	config Config
	native bool
	forced bool
	// maxStack is Config.MaxStack, or 0 where that can't be enforced.
	maxStack int
	caps     Capabilities
	// slots are what threads run on, nil if that is goroutines' stacks. slotLabels says that
	// a label names the thread.
	slots      *arch.Slots
	slotLabels bool

	watch watcher
	// control is nil but for tests by package gvtest.
	control *control
	// share is what a native runtime has of GOMAXPROCS, and portableNeed what GOMAXPROCS
	// is to be at least for another.
	share        *processorShare
	portableNeed int
	panics       panicLog
	// served says that something else than rt's threads and timers has woken a
	// thread. It is kept for Config.Logger only.
	served atomic.Bool
	live   liveThreads
	// callbacks are the calls of OnLate, OnPanic and Logger's handler that have goroutines of
	// their own. The Monitor begins them, or a thread that is alive, so none begins once Close
	// waits for them.
	callbacks sync.WaitGroup
	// closing guards the one Close that does the work; closed is closed when
	// it is done, and closeErr is its result.
	closing  sync.Once
	closed   chan struct{}
	closeErr error
}

// New opens a runtime. It fails if c is not valid, and with an error that wraps
// ErrNativeUnavailable or ErrSlotsUnavailable if c asks for the Native engine, or for stack
// slots, where they can't be had.
//
// A runtime lasts longer than the call, and is in no bubble of testing/synctest,
// wherever it is opened, and neither are its threads.
func New(c Config) (rt *Runtime, err error) {
	arch.Outside(func() { rt, err = newRuntime(c, nil) })
	return rt, err
}

// newRuntime opens a runtime that ctl controls, if it is not nil.
func newRuntime(c Config, ctl *control) (*Runtime, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	env := readEnvironment()
	env.override(&c)
	rt := &Runtime{config: c, control: ctl, closed: make(chan struct{})}
	nativeErr := arch.Native()
	if c.Engine == Native && nativeErr != nil {
		return nil, fmt.Errorf("%w: %w", ErrNativeUnavailable, nativeErr)
	}
	rt.native = c.Engine != Portable && nativeErr == nil
	if rt.native {
		// First of all: the trial of forced preemption needs a second P.
		rt.share = processors.raise(c.Workers)
	} else {
		rt.portableNeed = min(c.Workers, processors.chosen())
	}
	rt.describe(env, nativeErr)
	if err := rt.openSlots(); err != nil {
		rt.lowerProcessors()
		return nil, err
	}
	rt.limitStacks()
	rt.watch.rt = rt
	config := sched.Config{
		Workers:    c.Workers,
		Slices:     c.Slices,
		Grace:      c.Grace,
		MaxWait:    c.MaxWait,
		MinShare:   c.MinShare,
		Native:     rt.native,
		Forced:     rt.forced,
		MaxStack:   rt.maxStack,
		Slots:      rt.slots,
		DeepSlots:  c.Logger != nil,
		Accounting: c.Accounting,
		LateAfter:  c.lateAfter(),
		LongSlices: rt.native && processors.refused() == nil,
		Bodies:     threadBodies{},
		Watcher:    &rt.watch,
	}
	if ctl != nil {
		config.Watcher, config.Schedule = ctl, ctl
	}
	rt.sched.Start(config)
	if ctl != nil {
		ctl.start(rt)
	}
	return rt, nil
}

// defaultRuntime is opened when it is first used, and never closed.
var defaultRuntime = sync.OnceValue(func() *Runtime {
	rt, err := New(Config{})
	if err != nil {
		// The zero Config is valid, and Auto never fails.
		panic(err)
	}
	return rt
})

// Go starts fn as a thread of Normal priority, unless the options say
// otherwise, and returns without waiting for it. Called from a thread of rt, it
// starts a child of that thread: one that is cancelled with it, and that
// belongs to the same Run.
//
// fn gets the thread's context, which ends when the thread is cancelled, and at the
// latest when it and all that it has started have ended. What fn returns is the
// result of the thread's Wait.
//
// Go never blocks and never fails itself: a thread that can't be started is
// returned as Done, with ErrRuntimeClosed or ErrTooManyThreads. A nil fn
// panics.
func (rt *Runtime) Go(fn func(context.Context) error, opts ...Option) *Thread {
	return rt.start(fn, optionsOf(opts), rt.own(Current()))
}

// start is Go for the caller, which is nil if it is no thread of rt.
func (rt *Runtime) start(fn func(context.Context) error, o *threadOptions, caller *Thread) *Thread {
	t := rt.spawn(fn, o, caller, caller.scope(), 0)
	if t.life.ended.Load() == 0 {
		t.task.MakeBy(caller.asTask(), sched.New)
	}
	Safepoint()
	return t
}

// Do makes the calling goroutine a thread for as long as fn runs, on the goroutine's own
// stack, and returns what the thread's Wait would. It waits for a worker as any ready thread
// does, and costs a fraction of Go and Wait. Stack traces and profiles show the
// whole way, the caller's frames included; the goroutine keeps its labels for
// runtime/pprof.
//
// A panic of fn is recovered, and returned as a *PanicError, or passed on, with
// WithRepanic. runtime.Goexit in fn ends the caller's goroutine, as it does in any function
// that it calls; for others the thread has ended with ErrGoexit.
//
// Called from a thread, which waits, it is not ended by that one's cancellation, but the
// new thread is cancelled with it if it is one of rt.
func (rt *Runtime) Do(fn func(context.Context) error, opts ...Option) error {
	current := Current()
	caller := rt.own(current)
	t := rt.spawn(fn, optionsOf(opts), caller, caller.scope(), 1)
	repanic := t.opts().repanic
	var err error
	switch {
	case t.life.ended.Load() != 0:
		err = t.Err()
	case caller == nil && (current != nil || arch.InBubble()):
		err = t.performOutside(repanic)
	case rt.config.ProfileLabels:
		err = t.performLabelled(caller, repanic)
	case caller != nil:
		err = t.performWithin(caller, repanic)
	default:
		err = t.perform(repanic)
	}
	Safepoint() // the caller has had its worker all the time, if it is a thread
	return err
}

// Run starts fn as Go does and waits for the thread, and for all threads that
// it starts, and that they start. It returns the thread's result, joined with
// the panics of the others that nobody has waited for; %+v prints their stacks. The
// errors that the others return are not among it: whoever wants them calls their Wait,
// in fn or later.
//
// Called from a thread, which it parks, it returns early if that is cancelled. What is alive
// then is waited for by the Run that the thread belongs to, if there is one.
func (rt *Runtime) Run(fn func(context.Context) error, opts ...Option) error {
	caller := rt.own(Current())
	s := &scope{outer: caller.scope()}
	t := rt.spawn(fn, optionsOf(opts), caller, s, 0)
	return s.wait(rt, t.start())
}

// own returns t if it is a thread of rt, else nil. t may be nil.
func (rt *Runtime) own(t *Thread) *Thread {
	if t != nil && t.rt() == rt {
		return t
	}
	return nil
}

// spawn makes a thread that the caller makes ready, unless it is Done already
// because it can't be started. o is nil if it has no options.
func (rt *Runtime) spawn(fn func(context.Context) error, o *threadOptions, parent *Thread, s *scope, hearers int32) *Thread {
	if fn == nil {
		panic("gv: thread of a nil function")
	}
	if parent != nil && parent.left {
		parent = nil // it calls the user's code at its end, and nobody finds what is in its family
	}
	t := &Thread{fn: fn}
	t.life.hearers = hearers
	t.life.parent, t.life.scope = parent, s
	if o != nil {
		t.task.Init(&rt.sched, sched.Priority(o.priority))
		t.begin(o)
	} else {
		t.task.Init(&rt.sched, sched.Priority(Normal))
	}
	if err := rt.live.add(t, rt.config.MaxThreads); err != nil {
		t.refuse(err)
		return t
	}
	if s != nil {
		s.join()
	}
	if parent != nil {
		t.joinFamily()
		if c := parent.cancellation(); c != nil {
			t.cancel(c)
		}
	}
	return t
}

// begin makes t, which nobody knows yet, a thread with the options o.
func (t *Thread) begin(o *threadOptions) {
	if o.outlastStart() {
		t.options.Store(o)
	}
	// What is the user's comes first: if it panics, nobody counts who never starts.
	if parent := t.life.parent; o.ctx != nil && (parent == nil || o.ctx != parent.ctx()) {
		t.watch(o)
	}
	if o.budget.limit > 0 {
		t.task.SetBudget(o.budget.limit, sched.Priority(o.budget.then))
	}
	if o.tally != nil {
		o.tally.enter(t)
	}
}

// refuse makes t, which nobody knows yet, a thread that could not be started.
func (t *Thread) refuse(err error) {
	l := &t.life
	l.done, l.over, l.err = true, true, err
	l.ended.Store(1)
	o := t.opts()
	if o.tally != nil {
		o.tally.leave()
	}
	if o.unlink != nil {
		o.unlink()
	}
}

// DefaultRuntime returns the runtime that Go, Do and Run use in a goroutine: one with the
// zero Config, which is opened when it is first used, by this call too, and never closed.
func DefaultRuntime() *Runtime { return defaultRuntime() }

// Run is Runtime.Run on the calling thread's runtime, or, in a goroutine, on
// the default runtime: one with the zero Config that is opened at first use and
// never closed.
func Run(fn func(context.Context) error, opts ...Option) error {
	return runtimeOfCaller().Run(fn, opts...)
}

// Do is Runtime.Do on the calling thread's runtime, or, in a goroutine, on the
// default runtime: one with the zero Config that is opened at first use and
// never closed.
func Do(fn func(context.Context) error, opts ...Option) error {
	return runtimeOfCaller().Do(fn, opts...)
}

// Go is Runtime.Go on the calling thread's runtime, or, in a goroutine, on the
// default runtime: one with the zero Config that is opened at first use and
// never closed.
func Go(fn func(context.Context) error, opts ...Option) *Thread {
	caller := Current()
	return runtimeOf(caller).start(fn, optionsOf(opts), caller)
}

func runtimeOfCaller() *Runtime { return runtimeOf(Current()) }

// runtimeOf returns the runtime that the caller, t, starts threads in. t is nil if it is none.
func runtimeOf(t *Thread) *Runtime {
	if t != nil {
		return t.rt()
	}
	return defaultRuntime()
}
