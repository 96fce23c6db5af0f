package gv

import (
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// A scope is one call of Run: it counts the threads that belong to it, which
// are those that its function starts, those that they start, and so on.
type scope struct {
	// joined and left count the threads that were about to start, and that have ended. They
	// are in lines of the cache of their own: threads start on one core, and end on others.
	joined atomic.Int64
	_      [64]byte
	left   atomic.Int64
	// waiting says that the call of Run waits. Written under the lock.
	waiting atomic.Bool
	_       [64]byte

	lock arch.Lock
	// panics are those that nobody waited for when they happened.
	panics []*unseenPanic
	// waiter is the call of Run, once it waits.
	waiter ticket
	// over is set when that call returns.
	over bool
}

// take makes Run return p, unless Run has returned.
func (s *scope) take(p *unseenPanic) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.over {
		return false
	}
	s.panics = append(s.panics, p)
	return true
}

// scope returns the Run that t, which may be nil, belongs to.
func (t *Thread) scope() *scope {
	if t == nil {
		return nil
	}
	return t.life.scope
}

// join adds a thread that is about to start.
func (s *scope) join() { s.joined.Add(1) }

// leave takes away a thread that has ended. The order of the count and the look at waiting,
// and of the opposite in wait, makes sure that one of the sides sees the other.
func (s *scope) leave() {
	s.left.Add(1)
	if s.waiting.Load() && s.ended() {
		s.wake()
	}
}

// ended reports whether no thread is alive. It stays so: only threads of the scope start
// more. left is read first: what it counts has joined before.
func (s *scope) ended() bool {
	left := s.left.Load()
	return s.joined.Load() == left
}

// wake ends the wait of Run, unless that has been done.
func (s *scope) wake() {
	s.lock.Lock()
	var wake ticket
	if s.waiting.Load() {
		wake, _ = s.waiter.claimed()
	}
	s.lock.Unlock()
	wake.wakeAny()
}

// wait blocks the caller until no thread of the scope is alive, or until the
// caller, if it is a thread, is cancelled. It returns the panics that nobody
// else has seen, and the cancellation. The threads are of rt.
func (s *scope) wait(rt *Runtime) error {
	caller := Current()
	k := newTicket(caller, caller.waitFor(rt, waitRun), true)
	var errs []error
	if !s.ended() {
		if err := s.await(k); err != nil {
			errs = append(errs, err)
		}
	}
	s.lock.Lock()
	panics := s.panics
	s.panics, s.over = nil, true
	s.lock.Unlock()
	k.done()

	for _, p := range panics {
		if !p.seen.Swap(true) {
			errs = append(errs, p.err)
		}
	}
	return join(errs...)
}

// await is the part of wait that blocks. k is the caller's ticket.
func (s *scope) await(k ticket) (cancelled error) {
	s.lock.Lock()
	s.waiter = k
	s.waiting.Store(true)
	s.lock.Unlock()
	if s.ended() {
		s.wake() // nobody else may have seen that it waits
	}
	cancelled = k.wait()
	s.lock.Lock()
	s.waiter = ticket{}
	s.waiting.Store(false)
	s.lock.Unlock()
	return cancelled
}
