package gv

import (
	"slices"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// A lifecycle is what a thread has to do with its end: its result, who waits
// for it, and its place among the threads that it started and was started by.
// All is guarded by lock, except where said.
type lifecycle struct {
	lock spinLock
	done bool
	err  error
	seen bool // somebody has asked for the result after the end
	// hearers counts the calls of Wait, Do and Run that came before the end and were
	// not cancelled.
	hearers int
	panic   *unseenPanic
	waiters []ticket
	// doneC is closed at the end. It is made when somebody first asks for it.
	doneC chan struct{}

	// context is made, under lock, when somebody first asks for Done of the
	// thread's context.
	context atomic.Pointer[contextState]
	// unlink ends the watch over the context that WithContext gave. It belongs to
	// the side that starts the thread, and then to the side that sets over.
	unlink func() bool

	// parent started the thread; fixed at the start. children are the threads
	// that it started and whose families are not over. Only the thread adds to it.
	parent   *Thread
	children map[*Thread]struct{}
	// gone says that the thread starts no more, over that its family is over. A
	// cancellation that comes later has no effect.
	gone, over bool

	// scope is the Run that waits for the thread, nil if none; fixed.
	scope *scope

	// group counts the thread, if WaitGroup.Go started it; fixed.
	group *WaitGroup

	// nextLive and prevLive link the runtime's live threads, under its lock.
	nextLive, prevLive *Thread
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
	l := &t.life
	l.lock.lock()
	defer l.lock.unlock()
	if l.doneC == nil {
		if l.done {
			l.doneC = closedC
		} else {
			l.doneC = make(chan struct{})
		}
	}
	return l.doneC
}

// Err returns nil while the thread has not ended, and what Wait returns after.
func (t *Thread) Err() error {
	l := &t.life
	l.lock.lock()
	l.seen = l.seen || l.done
	err, p := l.err, l.panic
	l.lock.unlock()
	p.see()
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
	k, over := t.hear()
	if over {
		return t.life.err
	}
	return t.heard(k, k.waitCancel())
}

// perform makes t ready, which has just been made, and waits for its end by the
// given method of a ticket.
func (t *Thread) perform(wait func(ticket) error) error {
	k, over := t.hear()
	if over {
		return t.life.err // it could not be started
	}
	arch.Pin()
	next := t.rt.admit(t, StateNew)
	if k.plain() {
		return t.heard(k, k.waitBehind(next))
	}
	if next != nil {
		next.resume()
	}
	arch.Unpin()
	caller, cancelled := k.thread(), wait(k)
	err := t.heard(k, cancelled)
	if cancelled != nil {
		// It still has the worker that t may have asked for. It must not panic
		// here, with the scope of a Run that nobody has waited for.
		caller.safepoint()
	}
	return err
}

// hear enters the caller among those who wait for t's end, and heard is to follow;
// or it reports that it is over.
func (t *Thread) hear() (k ticket, over bool) {
	l := &t.life
	caller := Current()
	caller.waitsFor(int64(t.id))
	k = newTicket(caller, waitThread) // a goroutine's can't be made under a spinLock
	l.lock.lock()
	if l.done {
		l.seen = true
		p := l.panic
		l.lock.unlock()
		k.done()
		p.see()
		return ticket{}, true
	}
	l.waiters = append(l.waiters, k)
	l.hearers++
	l.lock.unlock()
	return k, false
}

// heard ends a wait for t's end, and returns what Wait does: cancelled if it is
// not nil.
func (t *Thread) heard(k ticket, cancelled error) error {
	l := &t.life
	if cancelled == nil {
		k.done()
		return l.err // written before the wake-up, and never again
	}
	l.lock.lock()
	l.waiters = slices.DeleteFunc(l.waiters, func(other ticket) bool { return other == k })
	l.hearers--
	unheard := l.done && l.hearers == 0
	l.lock.unlock()
	k.done()
	if unheard {
		// The thread has ended, and counted on this call.
		t.reportPanic()
	}
	return cancelled
}

// finish ends t with its result: the thread has run its last.
func (t *Thread) finish(err error) {
	announced := t.announcePanic(err)
	t.leaveFamily()
	t.end()
	t.fn = nil

	l := &t.life
	l.lock.lock()
	l.done = true
	l.err = err
	waiters := l.waiters
	l.waiters = nil
	doneC := l.doneC
	unheard := l.hearers == 0
	l.gone = true
	var late *contextState
	if len(l.children) == 0 && !l.over {
		l.over = true
		late = l.context.Load()
	}
	l.lock.unlock()

	if late != nil {
		// It was made after leaveFamily. To end it may block.
		go late.end(t.finalEnd())
	}
	if unheard && !announced {
		t.reportPanic()
	}
	if doneC != nil || slices.ContainsFunc(waiters, ticket.plain) {
		t.vacate()
	}
	if doneC != nil {
		close(doneC)
	}
	for _, k := range waiters {
		// A thread that has never run has no fiber to be succeeded.
		if k.claim() && (t.fiber == nil || !k.entrust(t.fiber)) {
			k.wake(nil)
		}
	}
	if l.scope != nil {
		l.scope.leave()
	}
	if l.group != nil {
		l.group.add(-1)
	}
	t.rt.threadEnded(t)
}

// end makes t, which calls it, or owns it, Done. It keeps its worker for what is
// left to do. A preemption that was meant for it no longer finds its turn.
func (t *Thread) end() {
	t.unboost()
	arch.Pin()
	w := t.lockWorker()
	word := t.load()
	t.store(word.nextTurn().with(StateDone, word.place()))
	if w != nil {
		w.queue.lock.unlock()
	}
	arch.Unpin()
	// Last: nobody counts it as astray any more who sees that it has ended.
	t.found()
}
