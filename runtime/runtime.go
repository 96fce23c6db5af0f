package gv

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// A Runtime runs threads on a fixed number of workers. Programs need one; it
// costs nothing while no thread is ready to run.
//
// While a Runtime with the Native engine is open, GOMAXPROCS is raised by three,
// and by what Workers asks for beyond it: one P for the timer thread, one for the
// program's other goroutines, and one for the garbage collector. So what sizes a pool
// by runtime.GOMAXPROCS(0) makes it larger; Stats().Workers is the number without
// that. And Linux is asked for short time slices for the OS threads of the process,
// which processes that it starts don't inherit, unless its nice value is below 0.
type Runtime struct {
	config Config
	native bool
	forced bool
	// maxStack is Config.MaxStack, or 0 where that can't be enforced.
	maxStack int
	caps     Capabilities

	workers []*worker
	// shared holds the threads that became ready outside the workers.
	shared runQueue
	// arrivals counts the threads that were put at the end of shared. It stamps
	// all queue entries, so that those of a worker's queue and of the shared
	// one can be ordered.
	arrivals atomic.Uint64
	idle     idleWorkers
	fibers   fiberPool
	timers   timers
	requests requests
	monitor  monitor
	// share is what a native runtime has of GOMAXPROCS, and portableNeed what GOMAXPROCS
	// is to be at least for another.
	share        *processorShare
	portableNeed int
	panics       panicLog
	// served says that something else than rt's threads and timers has woken a
	// thread. It is kept for Config.Logger only.
	served atomic.Bool
	counters

	lastID atomic.Uint64
	live   liveThreads
	// closing guards the one Close that does the work; closed is closed when
	// it is done, and closeErr is its result.
	closing  sync.Once
	closed   chan struct{}
	closeErr error
}

// liveThreads is the list of the threads that have been started and have not
// ended.
type liveThreads struct {
	lock  spinLock
	first *Thread
	n     int
	// shut refuses new threads.
	shut bool
	// emptied is made by those who wait for n to become 0, and closed then.
	emptied chan struct{}
}

// New opens a runtime. It fails if c is not valid, and with an error that wraps
// ErrNativeUnavailable if c asks for the Native engine where it can't be had.
//
// A runtime lasts longer than the call, and is in no bubble of testing/synctest,
// wherever it is opened, and neither are its threads.
func New(c Config) (rt *Runtime, err error) {
	arch.Outside(func() { rt, err = newRuntime(c) })
	return rt, err
}

func newRuntime(c Config) (*Runtime, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	rt := &Runtime{config: c, closed: make(chan struct{})}
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
	rt.describe(nativeErr)
	rt.limitStacks()
	rt.workers = make([]*worker, c.Workers)
	rt.idle.workers = make([]*worker, 0, c.Workers)
	for i := range rt.workers {
		w := &worker{rt: rt}
		w.queue.place = place(i + 1)
		w.level.Store(uint32(noPriority))
		rt.workers[i] = w
	}
	rt.shared.place = place(c.Workers + 1)
	for _, w := range rt.workers {
		rt.putIdle(w)
	}
	rt.monitor.start(rt)
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
	caller := rt.caller()
	t := rt.spawn(fn, opts, caller, caller.scope())
	if t.State() != StateDone {
		arch.Pin()
		rt.enqueue(t, StateNew)
		arch.Unpin()
	}
	Safepoint()
	return t
}

// Do runs fn in a new thread and returns what the thread's Wait would: it is Go and
// Wait in one. From a goroutine it costs less than the two, since the thread takes
// the goroutine's place on its OS thread, without a detour through Go's scheduler.
//
// Called from a thread, it is not ended by that one's cancellation, but the new
// thread is cancelled with it if it is one of rt.
func (rt *Runtime) Do(fn func(context.Context) error, opts ...Option) error {
	caller := rt.caller()
	return rt.spawn(fn, opts, caller, caller.scope()).perform(ticket.wait)
}

// Run starts fn as Go does and waits for the thread, and for all threads that
// it starts, and that they start. It returns the thread's result, joined with
// the panics of the others that nobody has waited for; %+v prints their stacks. The
// errors that the others return are not among it: whoever wants them calls their Wait,
// in fn or later.
//
// Called from a thread, which it parks, it returns early if that is cancelled.
func (rt *Runtime) Run(fn func(context.Context) error, opts ...Option) error {
	s := &scope{}
	err := rt.spawn(fn, opts, rt.caller(), s).perform(ticket.waitCancel)
	if rest := s.wait(); rest != nil {
		return join(err, rest)
	}
	return err
}

// caller returns the calling thread if it is one of rt, else nil.
func (rt *Runtime) caller() *Thread {
	if t := Current(); t != nil && t.rt == rt {
		return t
	}
	return nil
}

// spawn makes a thread that the caller makes ready, unless it is Done already
// because it can't be started.
func (rt *Runtime) spawn(fn func(context.Context) error, opts []Option, parent *Thread, s *scope) *Thread {
	if fn == nil {
		panic("gv: Go of a nil function")
	}
	o := threadOptions{priority: Normal}
	for _, opt := range opts {
		opt(&o)
	}
	t := &Thread{rt: rt, id: rt.lastID.Add(1), name: o.name, fn: fn, given: context.Background()}
	t.life.parent, t.life.scope, t.life.group = parent, s, o.group
	if o.ctx != nil {
		t.given = o.ctx
		// What is the user's comes first: if it panics, nobody counts who never starts.
		if parent == nil || o.ctx != parent.ctx() {
			t.watch()
		}
	}
	t.waiter.thread = t
	t.hearing.unknown()
	t.baseP.Store(uint32(o.priority))
	t.prio.Store(uint32(o.priority))
	if o.group != nil {
		o.group.add(1)
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
		if c := parent.cancelledBy.Load(); c != nil {
			t.cancel(c)
		}
	}
	return t
}

// refuse makes t, which nobody knows yet, a thread that could not be started.
func (t *Thread) refuse(err error) {
	l := &t.life
	l.done, l.err = true, err
	t.store(t.load().with(StateDone, nowhere))
	if l.group != nil {
		l.group.add(-1)
	}
	if l.unlink != nil {
		l.unlink()
	}
}

// add enters t, or says why it can't be started.
func (l *liveThreads) add(t *Thread, limit int) error {
	l.lock.lock()
	shut, n := l.shut, l.n
	if !shut && n < limit {
		l.n++
		t.life.nextLive = l.first
		if l.first != nil {
			l.first.life.prevLive = t
		}
		l.first = t
	}
	l.lock.unlock()
	// Package fmt may block, and so may not be called under the lock.
	switch {
	case shut:
		return ErrRuntimeClosed
	case n >= limit:
		return fmt.Errorf("%w: %d are alive, and Config.MaxThreads is %d", ErrTooManyThreads, n, limit)
	}
	return nil
}

// remove takes out t, which has ended.
func (l *liveThreads) remove(t *Thread) {
	l.lock.lock()
	next, prev := t.life.nextLive, t.life.prevLive
	if prev != nil {
		prev.life.nextLive = next
	} else {
		l.first = next
	}
	if next != nil {
		next.life.prevLive = prev
	}
	t.life.nextLive, t.life.prevLive = nil, nil
	l.n--
	var emptied chan struct{}
	if l.n == 0 {
		emptied, l.emptied = l.emptied, nil
	}
	l.lock.unlock()
	if emptied != nil {
		close(emptied)
	}
}

// empty returns a channel that is closed when no thread is alive.
func (l *liveThreads) empty() <-chan struct{} {
	if arch.InBubble() {
		return outside(l.empty)
	}
	l.lock.lock()
	defer l.lock.unlock()
	if l.n == 0 {
		return closedC
	}
	if l.emptied == nil {
		l.emptied = make(chan struct{})
	}
	return l.emptied
}

// all returns the threads that are alive.
func (l *liveThreads) all() []*Thread {
	l.lock.lock()
	defer l.lock.unlock()
	ts := make([]*Thread, 0, l.n)
	for t := l.first; t != nil; t = t.life.nextLive {
		ts = append(ts, t)
	}
	return ts
}

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
	return runtimeOfCaller().Go(fn, opts...)
}

func runtimeOfCaller() *Runtime {
	if t := Current(); t != nil {
		return t.rt
	}
	return defaultRuntime()
}
