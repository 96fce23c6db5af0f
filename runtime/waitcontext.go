package gv

import "context"

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
		return context.Cause(ctx)
	}
	return nil
}

// A contextWatch ends the waits of one call when a context ends. It is made
// before the call has a ticket and stopped when it is done with it: the methods
// of a context may be anybody's code, and may block the caller in waits of its
// own. A nil contextWatch leaves it at the cancellation of the thread.
type contextWatch struct {
	ctx        context.Context
	timed      bool // ctx has a deadline
	unregister func() bool

	lock spinLock
	// cause is set when the context has ended.
	cause error
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
	w.unregister = context.AfterFunc(ctx, w.end)
	return w
}

// stop ends the watch.
func (w *contextWatch) stop() {
	if w != nil && w.unregister != nil {
		w.unregister()
	}
}

// end is called when the context has ended.
func (w *contextWatch) end() {
	cause := context.Cause(w.ctx) // may block
	w.lock.lock()
	w.cause = cause
	k := w.k
	won := k.w != nil && k.claim()
	w.lock.unlock()
	if won {
		k.wake(cause)
	}
}

// waitWatched is wait for calls that end when the calling thread is cancelled,
// or the context that w watches ends: then the error is the context's cause.
func (k ticket) waitWatched(w *contextWatch) error {
	switch w {
	case watchNothing:
		return k.wait()
	case nil:
		return k.waitCancel()
	}
	w.lock.lock()
	if w.cause != nil && k.giveUp() {
		w.lock.unlock()
		return w.cause
	}
	w.k = k
	w.lock.unlock()
	if t := k.thread(); t != nil && w.timed {
		t.waits.timed.Store(true)
		defer t.waits.timed.Store(false)
	}
	err := k.waitCancel()
	w.lock.lock()
	w.k = ticket{}
	w.lock.unlock()
	return err
}
