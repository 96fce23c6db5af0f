package gv

import (
	"context"
	"errors"

	"github.com/gvthread/gvthread/arch"
)

// A cancellation says how a thread's context has ended.
type cancellation struct {
	// err is what blocking calls return: it wraps ErrCancelled and the cause.
	err error
	// sentinel is the error of the context: context.Canceled or
	// context.DeadlineExceeded, since the world compares it with ==.
	sentinel error
	cause    error
}

// newCancellation makes the cancellation with a cause; nil counts as ErrCancelled.
func newCancellation(cause error) *cancellation {
	if cause == nil {
		cause = ErrCancelled
	}
	return &cancellation{err: cancelled(cause), sentinel: context.Canceled, cause: cause}
}

// inheritedCancellation makes the cancellation that follows from the end of ctx.
func inheritedCancellation(ctx context.Context) *cancellation {
	c := newCancellation(context.Cause(ctx))
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		c.sentinel = context.DeadlineExceeded
	}
	return c
}

// Cancel cancels the thread, and the threads that it started, and theirs. The
// context that its function was called with ends, with the given cause (nil
// counts as ErrCancelled), and calls of this package that block the thread, now
// or later, return an error that wraps ErrCancelled and the cause. A thread
// that has not had its first turn never gets one. Code that doesn't look at its
// context and blocks in nothing of this package runs on.
//
// Only the first cancellation of a thread has an effect. One that comes after the
// thread's end reaches what it started. Cancel does not wait for the thread to end.
func (t *Thread) Cancel(cause error) {
	if !t.isOver() {
		t.cancel(newCancellation(cause))
	}
	Safepoint()
}

// cancel is Cancel, but does not yield. It goes from a thread to those that this one has
// started by a list, since a family may be deeper than a stack.
func (t *Thread) cancel(c *cancellation) {
	ts := t.cancelAlone(c, nil)
	for i := 0; i < len(ts); i++ {
		ts = ts[i].cancelAlone(c, ts)
	}
}

// cancelAlone cancels t, and appends those that it has started to ts. One that it starts
// later finds it cancelled.
func (t *Thread) cancelAlone(c *cancellation, ts []*Thread) []*Thread {
	r, l := t.needRare(), &t.life
	l.lock.Lock()
	if l.over || r.cancelledBy.Load() != nil {
		l.lock.Unlock()
		return ts
	}
	r.cancelledBy.Store(c)
	ts = l.appendChildren(ts)
	l.lock.Unlock()

	// A wait under way ends.
	t.task.Interrupt()
	// A thread that has not started yet is taken out of its queue.
	if t.task.Abandon() {
		t.finishUnstarted(c.err)
	}
	if s := r.context.Load(); s != nil {
		s.end(c)
	}
	return ts
}

// finishUnstarted is finish for a thread that has never run, in whoever cancels it.
func (t *Thread) finishUnstarted(err error) {
	defer t.finish(err) // also if the user's code panics
	t.leaveFamily()
}

// cancelCause returns the error that blocking calls return in t if it was
// cancelled, else nil. t may be nil.
func (t *Thread) cancelCause() error {
	if t == nil {
		return nil
	}
	if r := t.rare.Load(); r != nil {
		if c := r.cancelledBy.Load(); c != nil {
			return c.err
		}
	}
	return nil
}

// watch makes the end of the context that t was given, in o, cancel t, until t and all
// that it started have ended. It calls the user's code: the methods of the context.
func (t *Thread) watch(o *threadOptions) {
	ctx := o.ctx
	if ctx.Err() != nil {
		t.cancel(inheritedCancellation(ctx))
		return
	}
	_, o.timed = ctx.Deadline()
	o.unlink = t.rt().afterEnd(ctx, func() { t.cancel(inheritedCancellation(ctx)) })
}

// afterEnd calls f, in a goroutine, when ctx has ended, unless stop is called before. It
// returns nil if ctx never ends.
func (rt *Runtime) afterEnd(ctx context.Context, f func()) (stop func() bool) {
	if ctx.Done() == nil {
		return nil
	}
	if rt.control != nil {
		return rt.control.ends.after(ctx, f)
	}
	if arch.InBubble() {
		ctx = bubbleContext{ctx}
	}
	return context.AfterFunc(ctx, f)
}
