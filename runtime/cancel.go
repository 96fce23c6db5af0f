package gv

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// A cancellation is what a thread was cancelled with.
type cancellation struct {
	err error // what blocking calls return: wraps ErrCancelled and the cause
}

// Cancel cancels the thread, and the threads that it started, and theirs. The
// context that its function was called with ends, with the given cause (nil
// counts as ErrCancelled), and calls of this package that block the thread, now
// or later, return an error that wraps ErrCancelled and the cause. A thread
// that has not had its first turn never gets one. Code that doesn't look at its
// context and blocks in nothing of this package runs on.
//
// Only the first cancellation of a thread has an effect. Cancel does not wait
// for the thread to end.
func (t *Thread) Cancel(cause error) {
	t.cancel(&cancellation{err: cancelled(cause)})
	Safepoint()
}

func (t *Thread) cancel(c *cancellation) {
	if !t.cancelledBy.CompareAndSwap(nil, c) {
		return
	}
	// A wait under way ends. See waitCancel for the order.
	if gen := t.cancellable.Load(); gen != 0 {
		if k := (ticket{w: &t.waiter, gen: gen}); k.claim() {
			k.wake(c.err)
		}
	}
	// A thread that has not started yet is taken out of its queue.
	for word := t.load(); word.state() == StateNew && word.place() != nowhere; word = t.load() {
		if t.rt.queueAt(word.place()).remove(t) {
			t.finish(c.err)
			break
		}
	}

	l := &t.life
	l.lock.lock()
	ctxC, afters := l.ctxC, l.afters
	l.afters = nil
	children := slices.Collect(maps.Keys(l.children))
	l.lock.unlock()
	if ctxC != nil {
		close(ctxC)
	}
	for a := range afters {
		go a.f()
	}
	for _, child := range children {
		child.cancel(c)
	}
}

// cancelCause returns the error that blocking calls return in t if it was
// cancelled, else nil. t may be nil.
func (t *Thread) cancelCause() error {
	if t != nil {
		if c := t.cancelledBy.Load(); c != nil {
			return c.err
		}
	}
	return nil
}

// watch makes the end of ctx cancel t, until t ends.
func (t *Thread) watch(ctx context.Context) {
	if ctx.Done() == nil {
		return
	}
	t.life.unlink = context.AfterFunc(ctx, func() {
		t.cancel(&cancellation{err: cancelled(context.Cause(ctx))})
	})
}

// A threadContext is the context that a thread's function gets: the thread
// itself, seen as a context. Its values and deadline are those of the context
// that WithContext gave.
type threadContext Thread

// ctx returns the thread's context.
func (t *Thread) ctx() context.Context { return (*threadContext)(t) }

func (c *threadContext) Deadline() (time.Time, bool) { return c.given.Deadline() }

func (c *threadContext) Value(key any) any { return c.given.Value(key) }

// Err returns nil until the thread is cancelled, then an error that wraps
// context.Canceled and the cause.
func (c *threadContext) Err() error { return (*Thread)(c).cancelCause() }

func (c *threadContext) Done() <-chan struct{} {
	if arch.InBubble() {
		return outside(c.Done)
	}
	t := (*Thread)(c)
	l := &t.life
	l.lock.lock()
	defer l.lock.unlock()
	if l.ctxC == nil {
		// Cancel sets cancelledBy before it looks at ctxC, and closes only
		// what it finds there.
		if t.cancelledBy.Load() != nil {
			return closedC
		}
		l.ctxC = make(chan struct{})
	}
	return l.ctxC
}

// String makes the context print as what it is.
func (c *threadContext) String() string { return "gv.Thread context" }

// An afterFunc is a function that context.AfterFunc has registered.
type afterFunc struct{ f func() }

// AfterFunc lets package context wait for the thread without a goroutine of its
// own.
func (c *threadContext) AfterFunc(f func()) (stop func() bool) {
	t := (*Thread)(c)
	a := &afterFunc{f}
	l := &t.life
	l.lock.lock()
	late := t.cancelledBy.Load() != nil
	if !late {
		if l.afters == nil {
			l.afters = make(map[*afterFunc]struct{})
		}
		l.afters[a] = struct{}{}
	}
	l.lock.unlock()
	if late {
		go f()
	}
	return func() bool {
		l.lock.lock()
		defer l.lock.unlock()
		_, waiting := l.afters[a]
		delete(l.afters, a)
		return waiting
	}
}
