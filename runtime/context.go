package gv

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// A threadContext is the context that a thread's function gets: the thread
// itself, seen as a context. Its values and deadline are those of the context
// that WithContext gave. It ends when the thread is cancelled, and at the latest
// when the thread and all that it started have ended.
//
// Until somebody asks for Done it is nothing but the thread. From then on a
// contextState stands behind it.
type threadContext Thread

// ctx returns the thread's context.
func (t *Thread) ctx() context.Context { return (*threadContext)(t) }

func (c *threadContext) Deadline() (time.Time, bool) { return (*Thread)(c).given().Deadline() }

func (c *threadContext) Done() <-chan struct{} {
	if arch.InBubble() {
		return outside(c.Done)
	}
	return (*Thread)(c).contextState().Done()
}

// Err returns nil until the context has ended, then context.Canceled or
// context.DeadlineExceeded. context.Cause returns the reason.
func (c *threadContext) Err() error {
	if sched.Pending() {
		lookAtContext()
	}
	t := (*Thread)(c)
	s := t.madeContext()
	if s != nil {
		if err := s.Err(); err != nil {
			return err
		}
	}
	end := t.contextEnd()
	if end == nil {
		return nil
	}
	// Done must be closed before Err says so, also if the one that ends the context
	// has not come that far.
	if s = t.madeContext(); s != nil {
		s.end(end)
	}
	return end.sentinel
}

// Value answers from the state too: package context finds there what it keeps in
// its own contexts, the cause among it.
func (c *threadContext) Value(key any) any {
	t := (*Thread)(c)
	if t.rt().config.ProfileLabels && key == arch.LabelsKey {
		return t.labelled(t.given()).Value(key)
	}
	s := t.madeContext()
	if s == nil && t.contextEnd() != nil {
		s = t.contextState()
	}
	if s != nil {
		if v := s.Value(key); v != nil {
			return v
		}
	}
	return t.given().Value(key)
}

// String makes the context print as what it is.
func (c *threadContext) String() string { return "gv.Thread context" }

// threadOver is how a context ends that nothing has ended before.
var threadOver = newCancellation(ErrThreadEnded)

// contextEnd returns how the context of t has ended, nil if it has not.
func (t *Thread) contextEnd() *cancellation {
	if c := t.cancellation(); c != nil || t.state() != StateDone {
		return c
	}
	return t.finalEnd()
}

// finalEnd is contextEnd for a thread that has run its last.
func (t *Thread) finalEnd() *cancellation {
	l := &t.life
	l.lock.Lock()
	defer l.lock.Unlock()
	return t.contextEndLocked()
}

func (t *Thread) contextEndLocked() *cancellation {
	if c := t.cancellation(); c != nil || !t.life.over {
		return c
	}
	return threadOver
}

// contextState returns the state behind the context of t, which it makes if there
// is none. Of a context that has ended it is one that has ended: nobody sees
// another.
func (t *Thread) contextState() *contextState {
	r, l := t.needRare(), &t.life
	if s := r.context.Load(); s != nil {
		return s
	}
	// Package context may block, and may not be called under a spin lock.
	made := newContextState()
	for ended := false; ; ended = true {
		l.lock.Lock()
		s, end := r.context.Load(), t.contextEndLocked()
		if s == nil && (end == nil || ended) {
			s = made
			r.context.Store(s)
		}
		l.lock.Unlock()
		if s != nil {
			return s
		}
		made.end(end)
	}
}

// A contextState is a context of package context's own that ends with the
// thread's. What is derived from the thread's registers with it, and takes error
// and cause from it, without a goroutine.
type contextState struct {
	context.Context
	cancel context.CancelCauseFunc
	// expire ends it with context.DeadlineExceeded.
	expire func()
	// reason is a context that has ended with the cause that expire is to set.
	reason atomic.Value
}

func newContextState() *contextState {
	s := &contextState{}
	s.Context, s.cancel = context.WithCancelCause(contextSource{s})
	return s
}

// end ends the state, if it has not ended, and returns when it has. All callers
// have the same cancellation.
func (s *contextState) end(c *cancellation) {
	if c.sentinel != context.DeadlineExceeded {
		s.cancel(c.cause)
		return
	}
	reason, cancel := context.WithCancelCause(context.Background())
	cancel(c.cause)
	s.reason.CompareAndSwap(nil, reason)
	s.expire()
}

// A contextSource is the parent of a state's context. Package context takes no
// error but Canceled from those who call, and any from a parent: so the source
// ends, as far as its child can see, by a deadline.
type contextSource struct{ state *contextState }

// open is the Done channel of all sources. It is never closed: AfterFunc tells.
var open = make(chan struct{})

func (contextSource) Deadline() (deadline time.Time, ok bool) { return }

func (contextSource) Done() <-chan struct{} { return open }

// Err is asked for when the source has ended.
func (contextSource) Err() error { return context.DeadlineExceeded }

// Value lets context.Cause find the reason's cause.
func (p contextSource) Value(key any) any {
	if reason, ok := p.state.reason.Load().(context.Context); ok {
		return reason.Value(key)
	}
	return nil
}

// AfterFunc is how package context waits for a parent that is not its own.
func (p contextSource) AfterFunc(f func()) (stop func() bool) {
	p.state.expire = f
	return func() bool { return true }
}
