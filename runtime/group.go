package gv

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// A Group is threads that work on one task. It waits for all of them, cancels them
// when one fails, and may limit how many there are at a time. Threads and plain
// goroutines may use it, or both. A Group must not be copied after first use.
//
// The first failure is what Wait returns, and never one that follows from it: a
// thread fails that returns an error, panics, calls runtime.Goexit, is cancelled
// before its first turn, or can't be started. A Group that NewGroup has made cancels
// all its threads then, and starts no more.
//
// The zero Group is ready to use. It has no limit, and is not cancelled by an
// error, but by a panic. Its threads are those of the runtime of who calls Go.
//
// In the terms of the Go memory model, the end of a thread of the Group
// synchronizes before the return of the calls of Wait that its end ends.
type Group struct {
	_ noCopy

	// Those of a zero Group are nil.

	rt   *Runtime
	ctx  context.Context
	opts []Option // of all threads
	// timed says that ctx has a deadline, and bubbled that it is one of a bubble of
	// testing/synctest: outside, nobody may ask for its Err. unwatch ends the watch over ctx.
	timed, bubbled bool
	unwatch        func() bool

	alive WaitGroup
	// hearers counts the calls of Wait under way.
	hearers atomic.Int32
	// cancelled is set once, under mu.
	cancelled atomic.Pointer[cancellation]

	// mu guards the rest.
	mu arch.Lock
	// slots is nil as long as there is no limit. Cancellation lets all go on who wait.
	slots *Semaphore
	// first is the first of the members whose families are not over.
	first *member
	err   error
	// panicked are the threads that did, which nobody else may refer to: see panicLog.
	panicked []*Thread
}

// NewGroup returns a Group of threads of rt, which get opts, and those that Go
// is given besides. Their contexts take values and deadline from ctx, and labels
// for runtime/pprof, and the end of ctx cancels the Group with its cause. A nil ctx counts as
// context.Background. WithContext panics.
//
// The first call of Wait that returns ends the Group: what its threads have left
// running is cancelled, and Go starts no more. Wait must be called, else the Group is
// kept until ctx ends.
func (rt *Runtime) NewGroup(ctx context.Context, opts ...Option) *Group {
	if rt == nil {
		panic("gv: NewGroup of a nil Runtime") // else it would be a zero Group's, of any runtime
	}
	checkMemberOptions("NewGroup", opts)
	if ctx == nil {
		ctx = context.Background()
	}
	g := &Group{rt: rt, ctx: ctx, opts: opts[:len(opts):len(opts)], bubbled: arch.InBubble()}
	_, g.timed = ctx.Deadline()
	g.unwatch = rt.afterEnd(ctx, func() { g.cancel(inheritedCancellation(ctx)) })
	return g
}

// NewGroup is Runtime.NewGroup on the calling thread's runtime, or, in a goroutine,
// on the default runtime: one with the zero Config that is opened at first use and
// never closed.
func NewGroup(ctx context.Context, opts ...Option) *Group {
	return runtimeOfCaller().NewGroup(ctx, opts...)
}

// SetLimit limits the threads of the Group that are alive at a time to n. A
// negative n means no limit; 0 keeps Go waiting. SetLimit panics while threads of the Group
// are alive.
func (g *Group) SetLimit(n int) {
	if alive := g.alive.state.Load() / 2; alive > 0 {
		panic(fmt.Sprintf("gv: Group.SetLimit(%d): %d threads of the Group are alive: set the limit before Go, or after Wait", n, alive))
	}
	size := int64(n)
	if n < 0 {
		size = math.MaxInt64
	}
	g.mu.Lock()
	slots := g.slots
	if slots == nil && n >= 0 {
		g.slots = NewSemaphore(size)
	}
	g.mu.Unlock()
	if slots == nil {
		return
	}
	slots.Resize(size)
	if g.cancelled.Load() != nil {
		slots.Resize(math.MaxInt64) // as cancel has, before or after
	}
}

// Go starts fn as the function Go does, as a thread of the Group, with the options
// of the Group and opts. If the limit is reached it waits until a thread has ended;
// those who wait are served by priority.
//
// If the Group has been cancelled or has ended, before the call or while it waits, or
// the calling thread has been cancelled, Go returns an error that wraps ErrCancelled
// and the cause; if the thread can't be started, ErrRuntimeClosed or
// ErrTooManyThreads. Then fn is never called, and that counts as its failure: so where
// Wait returns nil, all functions were called, and returned nil. A nil fn and
// WithContext panic.
func (g *Group) Go(fn func(context.Context) error, opts ...Option) error {
	_, err := g.start(fn, opts)
	Safepoint()
	return err
}

// TryGo is Go that does not wait, and reports whether it has started the thread. If
// it has not, nothing has failed.
func (g *Group) TryGo(fn func(context.Context) error, opts ...Option) bool {
	m := g.newMember("TryGo", fn, opts)
	t := Current()
	ok := t.cancelCause() == nil && g.stopped() == nil && (m.slots == nil || m.slots.take(t, 1))
	if ok {
		_, err := m.start(opts)
		ok = err == nil
	}
	Safepoint()
	return ok
}

// start is Go. It returns the thread.
func (g *Group) start(fn func(context.Context) error, opts []Option) (t *Thread, err error) {
	m := g.newMember("Go", fn, opts)
	if err = m.admit(); err == nil {
		t, err = m.start(opts)
	}
	if err != nil {
		g.fail(err)
	}
	return t, err
}

// Cancel cancels the threads of the Group, and what they have started, as
// Thread.Cancel does, with the given cause (nil counts as ErrCancelled). No function
// is called any more that was not called before. Only the first cancellation of a
// Group has an effect. Cancel does not wait for the threads to end, and is in itself
// no failure.
func (g *Group) Cancel(cause error) {
	g.cancel(newCancellation(cause))
	Safepoint()
}

// Wait waits until all threads of the Group have ended, and returns the first
// failure, nil if there was none: the error of the function, a *PanicError,
// ErrGoexit, or what Go has returned. Panics of other threads are joined to it. Cancellation does
// not end the wait: use WaitContext for that.
//
// The first call of Go must come before Wait. A thread of the Group that calls it waits
// for itself.
func (g *Group) Wait() error { return g.wait(forever) }

// WaitContext is Wait that gives up when ctx ends, with its cause, or when the
// calling thread is cancelled, with an error that wraps ErrCancelled and the
// cause; also if that came before the call. The Group goes on then.
func (g *Group) WaitContext(ctx context.Context) error {
	if err := ended(Current(), ctx); err != nil {
		return err
	}
	return g.wait(ctx)
}

func (g *Group) wait(ctx context.Context) error {
	kind := waitMembers
	if g.rt != nil {
		kind = Current().waitFor(g.rt, waitMembers)
	}
	g.hearers.Add(1)
	if err := g.alive.wait(ctx, kind); err != nil {
		g.missed()
		return err
	}
	g.end()
	err := g.result()
	g.hearers.Add(-1)
	point()
	return err
}
