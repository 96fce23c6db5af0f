package gv

import (
	"context"
	"fmt"

	"github.com/gvthread/gvthread/arch"
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
	mu      arch.Lock
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
	k := w.ticket(t, waitSemaphore)
	defer k.done()
	if n > s.size {
		return w.wait(k)
	}
	node := k.node()
	node.k, node.detail.weight = k, n
	s.mu.Lock()
	if s.takeLocked(n) {
		s.mu.Unlock()
		return nil
	}
	s.waiters.push(node)
	s.mu.Unlock()

	err := w.wait(k)
	if err != nil {
		s.mu.Lock()
		first := s.waiters.first == node
		s.waiters.remove(node)
		s.mu.Unlock()
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
	s.mu.Lock()
	ok := s.takeLocked(n)
	s.mu.Unlock()
	return ok
}

// Release gives back n. It panics if n is negative or more than is held.
func (s *Semaphore) Release(n int64) {
	checkWeight("Release", n)
	s.mu.Lock()
	held := s.held
	if n > held {
		s.mu.Unlock()
		panic(fmt.Sprintf("gv: Semaphore.Release of %d: only %d held", n, held))
	}
	s.held -= n
	s.mu.Unlock()
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
	s.mu.Lock()
	for s.waiters.first != nil && s.size-s.held >= s.waiters.first.detail.weight {
		n := s.waiters.first
		s.waiters.remove(n)
		s.held += n.detail.weight // before the owner can go on
		wake, ok := n.k.claimed()
		if !ok {
			s.held -= n.detail.weight // cancelled
			continue
		}
		// One by one, since the claimer is pinned until the wake-up.
		s.mu.Unlock()
		wake.wakeAny()
		s.mu.Lock()
	}
	s.mu.Unlock()
	Safepoint()
}

func checkWeight(op string, n int64) {
	if n < 0 {
		panic(fmt.Sprintf("gv: Semaphore.%s of %d: must not be negative", op, n))
	}
}
