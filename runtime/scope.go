package gv

import (
	"slices"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// A scope is one call of Run: it counts the threads that belong to it, which
// are those that its function starts, those that they start, and so on.
type scope struct {
	// joined and left count the threads that were about to start, and that have ended, and the
	// calls of Run, in threads of the scope, that have left some behind. They are in lines of
	// the cache of their own: threads start on one core, and end on others.
	joined atomic.Int64
	_      [64]byte
	left   atomic.Int64
	// waiting says that somebody is to be told of the end: the call of Run, while it waits, or
	// outer. Written under the lock.
	waiting atomic.Bool
	_       [64]byte

	// outer is the Run that the caller belongs to, nil if none: it has what this one leaves
	// behind, being cancelled. Fixed.
	outer *scope

	lock arch.Lock
	// panics are those that nobody waited for when they happened.
	panics []*unseenPanic
	// waiter is the call of Run, once it waits.
	waiter ticket
	// over is set when that call returns.
	over bool
}

// take makes Run return p, or, if Run has returned, the one outside. It reports false if all
// have returned.
func (s *scope) take(p *unseenPanic) bool {
	for ; s != nil; s = s.outer {
		if s.takeAlone(p) {
			return true
		}
	}
	return false
}

// takeAlone makes Run return p, unless Run has returned.
func (s *scope) takeAlone(p *unseenPanic) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.over {
		return false
	}
	if len(s.panics) == cap(s.panics) {
		// A Run may last as long as the program: it needs no panic that somebody has got since.
		s.panics = slices.DeleteFunc(s.panics, func(p *unseenPanic) bool { return p.seen.Load() })
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
// and of the opposite in await and close, makes sure that one of the sides sees the other.
func (s *scope) leave() {
	s.left.Add(1)
	if s.waiting.Load() && s.ended() {
		s.announce()
	}
}

// announce tells of the end of s, and of those outside that end with it: by a loop, since there
// may be more of them than a stack has room for.
func (s *scope) announce() {
	for outer := s.wake(); outer != nil; outer = outer.wake() {
		outer.left.Add(1)
		if !outer.waiting.Load() || !outer.ended() {
			return
		}
	}
}

// ended reports whether no thread is alive. It stays so: only threads of the scope start
// more. left is read first: what it counts has joined before.
func (s *scope) ended() bool {
	left := s.left.Load()
	return s.joined.Load() == left
}

// wake ends the wait of Run, or, if that has returned, returns the scope that is to be told:
// unless one of the two has been done.
func (s *scope) wake() (outer *scope) {
	s.lock.Lock()
	var wake ticket
	if s.waiting.Load() {
		s.waiting.Store(false)
		if s.over {
			outer = s.outer
		} else {
			wake, _ = s.waiter.claimed()
		}
	}
	s.lock.Unlock()
	wake.wakeAny()
	return outer
}

// wait blocks the caller until no thread of the scope is alive, or until the caller, if it is
// a thread, is cancelled. It returns err, the result of Run's own thread, joined with the
// cancellation, unless err is that, and with the panics that nobody else has seen. The threads
// are of rt.
func (s *scope) wait(rt *Runtime, err error) error {
	caller := Current()
	k := newTicket(caller, caller.waitFor(rt, waitRun), true)
	var more []error
	if !s.ended() {
		if cancelled := s.await(k); cancelled != nil && cancelled != err {
			more = append(more, cancelled)
		}
	}
	panics := s.close()
	k.done()

	for _, p := range panics {
		if !p.seen.Swap(true) {
			more = append(more, p.err)
		}
	}
	if more == nil {
		return err
	}
	return join(append([]error{err}, more...)...)
}

// await is the part of wait that blocks. k is the caller's ticket.
func (s *scope) await(k ticket) (cancelled error) {
	s.lock.Lock()
	s.waiter = k
	s.waiting.Store(true)
	s.lock.Unlock()
	if s.ended() {
		s.announce() // nobody else may have seen that it waits
	}
	return k.wait()
}

// close is called when Run returns, and returns the panics. Threads that are alive are left to
// the scope outside, which has not ended, since the caller is one of its threads.
func (s *scope) close() []*unseenPanic {
	s.lock.Lock()
	panics := s.panics
	s.panics, s.over, s.waiter = nil, true, ticket{}
	left := s.outer != nil && !s.ended()
	if left {
		s.outer.join()
	}
	s.waiting.Store(left)
	s.lock.Unlock()
	if left && s.ended() {
		s.announce()
	}
	return panics
}
