package gv

import (
	"math"

	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// A lifecycle is what a thread has to do with its end: its result, who waits
// for it, and its place among the threads that it started and was started by.
// All is guarded by lock, except where said.
type lifecycle struct {
	lock arch.Lock
	// ended is set when the function has returned, before the result is there.
	ended arch.Word
	// hearers counts the calls of Wait, Do and Run that came before the end and were
	// not cancelled.
	hearers int32
	done    bool
	seen    bool // somebody has asked for the result after the end
	// gone says that the thread starts no more, over that its family is over. A
	// cancellation that comes later has no effect.
	gone, over bool
	err        error
	waiters    waitList[waitDetail]

	// parent started the thread, nil if a goroutine did; fixed at the start. children is the
	// first of the threads that it started and whose families are not over; only the thread
	// adds to them. They are linked by nextChild and prevChild, which the parent's lock
	// guards, or, where there is none, that of the runtime's roots: see liveThreads.
	parent, children     *Thread
	nextChild, prevChild *Thread

	// scope is the Run that waits for the thread, nil if none; fixed.
	scope *scope
}

// A tally counts threads, each until it has ended: a WaitGroup, or a member of a
// Group.
type tally interface {
	// enter counts t, which is about to start, or to be refused.
	enter(t *Thread)
	// returned is told what t is about to end with, unless t was refused. It comes from
	// the side that ends t, and before OnPanic. There may be a second call.
	returned(t *Thread, err error)
	// heard reports whether somebody waits for the threads who gets their panics.
	heard() bool
	// leave is told that the thread has ended, or was refused. It must not yield.
	leave()
}

// closedC is a Done channel for all who ask late.
var closedC = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Done returns a channel that is closed when the thread has ended.
func (t *Thread) Done() <-chan struct{} {
	if arch.InBubble() {
		return outside(t.Done)
	}
	r, l := t.needRare(), &t.life
	l.lock.Lock()
	defer l.lock.Unlock()
	if r.doneC == nil {
		if l.done {
			return closedC
		}
		r.doneC = make(chan struct{})
	}
	return r.doneC
}

// Err returns nil while the thread has not ended, and what Wait returns after.
func (t *Thread) Err() error {
	l := &t.life
	var p *unseenPanic
	l.lock.Lock()
	if l.done {
		l.seen = true
		p = t.unseenPanic()
	}
	err := l.err
	l.lock.Unlock()
	p.see()
	point()
	return err
}

// Wait blocks until the thread has ended and returns its result: the error of
// its function; a *PanicError if it panicked; ErrGoexit if it called
// runtime.Goexit; an error that wraps ErrCancelled if it was cancelled before
// its first turn; ErrTooManyThreads or ErrRuntimeClosed if it was never
// started.
//
// A thread that waits is parked, and if it is cancelled Wait returns at once
// with an error that wraps ErrCancelled. A goroutine that waits is blocked. Any
// number may wait, at any time. A thread that waits for itself waits until it
// is cancelled.
func (t *Thread) Wait() error {
	k, over := t.hear(true)
	if over {
		point()
		return t.life.err
	}
	return t.heard(k, k.wait())
}

// start makes t ready, which has just been made, and waits for its end, or until the caller
// is cancelled.
func (t *Thread) start() error {
	k, over := t.hear(true)
	if over {
		// It could not be started. The caller must not panic here, with the scope of a
		// Run that nobody has waited for.
		answer()
		return t.life.err
	}
	t.task.Make(sched.New)
	return t.heard(k, k.wait())
}

// hear enters the caller among those who wait for t's end, and heard is to follow;
// or it reports that it is over.
func (t *Thread) hear(cancellable bool) (k ticket, over bool) {
	l := &t.life
	caller := Current()
	caller.waitsFor(int64(t.id))
	k = newTicket(caller, caller.waitFor(t.rt(), waitThread), cancellable) // a goroutine's can't be made under a spin lock
	l.lock.Lock()
	if l.done {
		l.seen = true
		p := t.unseenPanic()
		l.lock.Unlock()
		k.done()
		p.see()
		return ticket{}, true
	}
	n := k.node()
	n.k = k
	l.waiters.push(n)
	l.hearers++
	l.lock.Unlock()
	return k, false
}

// heard ends a wait for t's end, and returns what Wait does: cancelled if it is
// not nil.
func (t *Thread) heard(k ticket, cancelled error) error {
	l := &t.life
	if cancelled == nil {
		k.done()
		// What follows was written before the wake-up, and never again.
		if _, panicked := l.err.(*PanicError); panicked {
			t.unseenPanic().see() // it was reported when nobody waited yet
		}
		return l.err
	}
	l.lock.Lock()
	l.waiters.remove(k.node())
	l.hearers--
	l.lock.Unlock()
	k.done()
	t.missed()
	return cancelled
}

// missed is called when one who has waited for t's end waits no longer: if t has
// ended and counted on him, its panic goes to somebody else.
func (t *Thread) missed() {
	l := &t.life
	l.lock.Lock()
	p, panicked := l.err.(*PanicError)
	unheard := panicked && t.unheardLocked()
	l.lock.Unlock()
	if unheard {
		t.reportPanic(p)
	}
}

// unheardLocked reports whether nobody waits for the thread, who would get its panic.
func (t *Thread) unheardLocked() bool {
	if t.life.hearers > 0 {
		return false
	}
	c := t.opts().tally
	return c == nil || !c.heard()
}

// finish ends t with its result: the thread has run its last.
func (t *Thread) finish(err error) {
	c := t.opts().tally
	if c != nil {
		c.returned(t, err)
	}
	p, panicked := err.(*PanicError)
	announced := panicked && t.announcePanic(p)
	t.leaveFamily()
	t.disown()
	t.life.ended.Store(1)
	t.fn = nil

	l := &t.life
	l.lock.Lock()
	if panicked && !announced && t.unheardLocked() {
		// Before the end: Close returns the panic when the last thread has ended. Those who
		// come to wait meanwhile have it, too.
		l.lock.Unlock()
		t.reportPanic(p)
		l.lock.Lock()
	}
	l.gone = true
	wasOver := l.over
	over := wasOver || l.children == nil
	l.over = over
	// Who learns of the end no longer finds the thread among the living, and finds Done closed.
	awaited := t.rt().live.leave(t, over)
	r := t.rare.Load() // one that is made later has nothing that is left to end
	if r != nil && r.doneC != nil {
		close(r.doneC)
	}
	l.done = true
	l.err = err
	waited := l.waiters.first != nil
	l.lock.Unlock()

	if awaited {
		t.rt().live.announce()
	}
	if r != nil && !wasOver && over {
		if late := r.context.Load(); late != nil {
			// It was made after leaveFamily. To end it may block.
			go late.end(t.finalEnd())
		}
	}
	if waited {
		wakeUpTo(&l.lock, &l.waiters, math.MaxUint64)
	}
	if l.scope != nil {
		l.scope.leave()
	}
	if c != nil {
		c.leave()
	}
}
