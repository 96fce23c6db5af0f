package gv

import "github.com/gvthread/gvthread/arch"

// A scope is one call of Run: it counts the threads that belong to it, which
// are those that its function starts, those that they start, and so on.
type scope struct {
	lock  arch.Lock
	alive int
	// panics are those that nobody waited for when they happened.
	panics []*unseenPanic
	// waiter is the call of Run, once it waits.
	waiter  ticket
	waiting bool
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
func (s *scope) join() {
	s.lock.Lock()
	s.alive++
	s.lock.Unlock()
}

// leave takes away a thread that has ended.
func (s *scope) leave() {
	s.lock.Lock()
	s.alive--
	var wake ticket
	if s.alive == 0 && s.waiting {
		wake, _ = s.waiter.claimed()
	}
	s.lock.Unlock()
	wake.wakeAny()
}

// wait blocks the caller until no thread of the scope is alive, or until the
// caller, if it is a thread, is cancelled. It returns the panics that nobody
// else has seen, and the cancellation.
func (s *scope) wait() error {
	k := newTicket(Current(), waitRun, true)
	var errs []error
	s.lock.Lock()
	if s.alive > 0 {
		s.waiter, s.waiting = k, true
		s.lock.Unlock()
		if err := k.wait(); err != nil {
			errs = append(errs, err)
		}
		s.lock.Lock()
		s.waiter, s.waiting = ticket{}, false
	}
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
