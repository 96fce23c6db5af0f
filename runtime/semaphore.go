package gv

import (
	"context"
	"fmt"
)

// A Semaphore limits how much is in use at once: NewSemaphore says how much
// there is, Acquire takes a part, Release gives it back. Threads and plain
// goroutines may use it, or both. The zero Semaphore has nothing to give. It
// must not be copied after first use.
//
// Those who wait are served strictly in the order of their arrival: a large
// request is not starved by small ones that come after it, though they wait
// where they might not have to. Priorities play no part.
//
// In the terms of the Go memory model, Release synchronizes before the return
// of the calls of Acquire and TryAcquire that it makes possible.
type Semaphore struct {
	_ noCopy

	size    int64 // fixed
	mu      spinLock
	held    int64 // guarded by mu
	waiters waitList[waitDetail]
}

// NewSemaphore returns a Semaphore of which n can be held at once. It panics if
// n is negative.
func NewSemaphore(n int64) *Semaphore {
	if n < 0 {
		panic(fmt.Sprintf("gv: NewSemaphore: negative size %d", n))
	}
	return &Semaphore{size: n}
}

// Acquire takes n, and waits until so much is free and those who came before
// have been served. It gives up when ctx ends, with its cause, or when the
// calling thread is cancelled, with an error that wraps ErrCancelled and the
// cause; also if that came before the call. On failure it leaves the semaphore
// unchanged.
//
// If n is more than the semaphore has in all, Acquire waits for ctx to end or
// the thread to be cancelled, and keeps nobody else waiting. It panics if n is
// negative.
func (s *Semaphore) Acquire(ctx context.Context, n int64) error {
	checkWeight("Acquire", n)
	t := Current()
	if err := ended(t, ctx); err != nil {
		return err
	}
	if s.TryAcquire(n) {
		return nil
	}
	w := watchContext(t, ctx)
	defer w.stop()
	t.waitsFor(n)
	k := newTicket(t, waitSemaphore)
	defer k.done()
	if n > s.size {
		return k.waitWatched(w)
	}
	node := k.node()
	node.k, node.detail.weight = k, n
	s.mu.lock()
	if s.takeLocked(n) {
		s.mu.unlock()
		return nil
	}
	s.waiters.push(node)
	s.mu.unlock()

	err := k.waitWatched(w)
	if err != nil {
		s.mu.lock()
		first := s.waiters.first == node
		s.waiters.remove(node)
		s.mu.unlock()
		if first {
			// Those behind may ask for less.
			s.serve()
		}
		return err
	}
	// What ended before the Release counts as before it.
	if err := ended(t, ctx); err != nil {
		s.Release(n)
		return err
	}
	return nil
}

// TryAcquire takes n if it is free and nobody waits, and reports whether it
// did. It panics if n is negative.
func (s *Semaphore) TryAcquire(n int64) bool {
	checkWeight("TryAcquire", n)
	s.mu.lock()
	ok := s.takeLocked(n)
	s.mu.unlock()
	return ok
}

// Release gives back n. It panics if n is negative or more than is held.
func (s *Semaphore) Release(n int64) {
	checkWeight("Release", n)
	s.mu.lock()
	held := s.held
	if n > held {
		s.mu.unlock()
		panic(fmt.Sprintf("gv: Semaphore.Release of %d: only %d held", n, held))
	}
	s.held -= n
	s.mu.unlock()
	s.serve()
}

// takeLocked takes n if nobody is kept waiting by that.
func (s *Semaphore) takeLocked(n int64) bool {
	if s.waiters.first != nil || s.size-s.held < n {
		return false
	}
	s.held += n
	return true
}

// serve gives those who wait, from the first on, what they ask for, as far as
// it goes.
func (s *Semaphore) serve() {
	s.mu.lock()
	for s.waiters.first != nil && s.size-s.held >= s.waiters.first.detail.weight {
		n := s.waiters.first
		s.waiters.remove(n)
		if !n.k.claim() {
			continue // cancelled
		}
		s.held += n.detail.weight
		// One by one, since the claimer is pinned until the wake-up.
		s.mu.unlock()
		n.k.wake(nil)
		s.mu.lock()
	}
	s.mu.unlock()
	Safepoint()
}

func checkWeight(op string, n int64) {
	if n < 0 {
		panic(fmt.Sprintf("gv: Semaphore.%s of %d: must not be negative", op, n))
	}
}
