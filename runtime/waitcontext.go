package gv

import (
	"context"

	"github.com/gvthread/gvthread/arch"
)

// forever is the context of calls that nothing ends but what they wait for: no
// context, and not the cancellation of the calling thread.
var forever context.Context = &foreverContext{context.Background()}

type foreverContext struct{ context.Context }

// ended returns the error of a call that t's cancellation and the end of ctx
// end, if one of the two has come already. t may be nil.
func ended(t *Thread, ctx context.Context) error {
	if err := t.cancelCause(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return endError(t, context.Cause(ctx))
	}
	return nil
}

// endError returns the error of a call of t that the end of a context ends, with its
// cause. That of a context that comes from t's may have come with t's cancellation,
// which then is what callers are told. t may be nil.
func endError(t *Thread, cause error) error {
	if err := t.cancelCause(); err != nil {
		return err
	}
	return cause
}

// A contextWatch ends the waits of one call when a context ends. It is made
// before the call has a ticket and stopped when it is done with it: the methods
// of a context may be anybody's code, and may block the caller in waits of its
// own. A nil contextWatch leaves it at the cancellation of the thread.
type contextWatch struct {
	ctx        context.Context
	timed      bool // ctx has a deadline
	unregister func() bool

	lock arch.Lock
	// cause is set when the context has ended, and won if that ended the wait.
	cause error
	won   bool
	// k is the ticket of the wait under way, if there is one.
	k ticket
}

// watchNothing is the watch over forever.
var watchNothing = new(contextWatch)

// watchContext starts a watch for a call of t, or of a goroutine if t is nil. It
// must be followed by stop.
func watchContext(t *Thread, ctx context.Context) *contextWatch {
	if ctx == forever {
		return watchNothing
	}
	if ctx.Done() == nil || (t != nil && ctx == t.ctx()) {
		return nil
	}
	w := &contextWatch{ctx: ctx}
	_, w.timed = ctx.Deadline()
	if t != nil && t.rt().control != nil {
		w.unregister = t.rt().control.ends.after(ctx, w.end)
	} else {
		w.unregister = context.AfterFunc(ctx, w.end)
	}
	return w
}

// stop ends the watch.
func (w *contextWatch) stop() {
	if w != nil && w.unregister != nil {
		w.unregister()
	}
}

// ticket starts a wait that w watches.
func (w *contextWatch) ticket(t *Thread, kind waitKind) ticket {
	return newTicket(t, kind, w != watchNothing)
}

// end is called when the context has ended.
func (w *contextWatch) end() {
	cause := context.Cause(w.ctx) // may block
	w.lock.Lock()
	w.cause = cause
	var wake ticket
	if !w.k.None() {
		// The owner looks at won under the lock.
		wake, w.won = w.k.claimed()
	}
	w.lock.Unlock()
	wake.wakeAny()
}

// wait is ticket.wait for calls that end when the context ends, too: then the error is
// endError's.
func (w *contextWatch) wait(k ticket) error {
	if w == nil || w == watchNothing {
		return k.wait()
	}
	w.lock.Lock()
	if w.cause != nil && k.giveUp() {
		w.lock.Unlock()
		return endError(k.thread(), w.cause)
	}
	w.k, w.won = k, false
	w.lock.Unlock()
	t := k.thread()
	if t != nil && w.timed {
		t.waits.setTimed(true)
		defer t.waits.setTimed(false)
	}
	err := k.wait()
	w.lock.Lock()
	w.k = ticket{}
	if w.won {
		err = endError(t, w.cause)
	}
	w.lock.Unlock()
	return err
}
