package gv

import (
	"context"
	"fmt"

	"github.com/gvthread/gvthread/arch"
)

// A Semaphore limits how much is in use at once: NewSemaphore says how much
// there is, Acquire takes a part, Release gives it back, and Resize changes how
// much there is. Threads and plain goroutines may use it, or both. The zero
// Semaphore has nothing to give until it is resized. It must not be copied after
// first use.
//
// Those who wait are served by priority, the highest first, and in the order of
// their arrival within one; a goroutine counts as Normal. A change of the
// priority of a thread that waits takes effect at once. A large request is not
// starved by small ones that come after it, of its priority or a lower one: they
// wait, where they might not have to. Nor does anybody starve for his priority:
// of those who are served while others wait, every 64th is the one that has
// waited longest.
//
// A Semaphore lends no priority to those who hold it.
//
// In the terms of the Go memory model, Release synchronizes before the return
// of the calls of Acquire and TryAcquire that it makes possible.
type Semaphore struct {
	_ noCopy

	mu    arch.Lock
	size  int64
	held  int64 // more than size after a Resize, perhaps
	queue semaphoreQueue
}

// NewSemaphore returns a Semaphore of which n can be held at once. It panics if
// n is negative.
func NewSemaphore(n int64) *Semaphore {
	if n < 0 {
		panic(fmt.Sprintf("gv: NewSemaphore: negative size %d", n))
	}
	return &Semaphore{size: n}
}

// Acquire takes n, and waits until so much is free and those who come first
// have been served. It gives up when ctx ends, with its cause, or when the
// calling thread is cancelled, with an error that wraps ErrCancelled and the
// cause; also if that came before the call. On failure it leaves the semaphore
// unchanged.
//
// If n is more than the semaphore has in all, Acquire waits for ctx to end, the
// thread to be cancelled, or Resize, and keeps nobody else waiting. It panics if
// n is negative.
func (s *Semaphore) Acquire(ctx context.Context, n int64) error {
	checkWeight("Acquire", n)
	return s.acquire(ctx, n, waitSemaphore)
}

// acquire is Acquire, in a dump for what kind says.
func (s *Semaphore) acquire(ctx context.Context, n int64, kind waitKind) error {
	t := Current()
	if err := ended(t, ctx); err != nil {
		return err
	}
	if s.take(t, n) {
		point()
		return nil
	}
	w := watchContext(t, ctx)
	defer w.stop()
	t.waitsFor(n)
	k := w.ticket(t, kind) // a goroutine's can't be made under a spin lock
	defer k.done()
	node := k.node()
	node.k, node.detail.weight = k, n
	s.mu.Lock()
	if s.takeLocked(t, n) {
		s.mu.Unlock()
		return nil
	}
	s.queue.enter(node, t.enterSemaphore(s), s.size)
	s.mu.Unlock()

	err := w.wait(k)
	if err != nil {
		s.mu.Lock()
		s.removeLocked(node)
		s.mu.Unlock()
		// Those behind may ask for less.
		s.serve()
		Safepoint()
		return err
	}
	// What ended before the Release counts as before it.
	if err := ended(t, ctx); err != nil {
		s.Release(n)
		return err
	}
	return nil
}

// TryAcquire takes n if it is free and nobody waits who comes first, and reports
// whether it did. It panics if n is negative.
func (s *Semaphore) TryAcquire(n int64) bool {
	checkWeight("TryAcquire", n)
	ok := s.take(Current(), n)
	point()
	return ok
}

// Release gives back n. It panics if n is negative or more than is held.
func (s *Semaphore) Release(n int64) {
	checkWeight("Release", n)
	s.release(n)
	Safepoint()
}

// Resize sets to n how much can be held at once. Nobody loses what he holds: where
// that is more than n, nothing is taken until enough has been given back. Resize panics if
// n is negative.
func (s *Semaphore) Resize(n int64) {
	checkWeight("Resize", n)
	s.resize(n)
	Safepoint()
}

// resize is Resize, but does not yield.
func (s *Semaphore) resize(n int64) {
	s.mu.Lock()
	s.size = n
	s.queue.resize(n)
	s.mu.Unlock()
	s.serve()
}

// release is Release, but does not yield.
func (s *Semaphore) release(n int64) {
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

// take takes n for t, or for a goroutine if t is nil, if it is to be had at once.
func (s *Semaphore) take(t *Thread, n int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.takeLocked(t, n)
}

// takeLocked is take.
func (s *Semaphore) takeLocked(t *Thread, n int64) bool {
	if s.size-s.held < n || !s.queue.lets(t) {
		return false
	}
	s.held += n
	if s.queue.top() != noPriority {
		s.queue.turns++
	}
	return true
}

// removeLocked takes a wait that has ended out of the queue if it is still there.
func (s *Semaphore) removeLocked(n *waitNode[waitDetail]) {
	s.queue.remove(n)
	n.k.thread().leaveSemaphore()
}

// serve gives those who wait what they ask for, one after the other, as far as it
// goes. It does not yield.
func (s *Semaphore) serve() {
	var chain wakeChain[waitDetail]
	s.mu.Lock()
	for n := s.queue.next(); n != nil && s.size-s.held >= n.detail.weight; n = s.queue.next() {
		s.removeLocked(n)
		s.held += n.detail.weight // before the owner can go on
		if !chain.claim(n) {
			s.held -= n.detail.weight // cancelled
			continue
		}
		s.queue.turns++
		chain.relieve(&s.mu)
	}
	s.mu.Unlock()
	chain.wake()
}

// reposition moves t, if it waits for s, to its place in the queue.
func (s *Semaphore) reposition(t *Thread) {
	s.mu.Lock()
	moved := t.semaphore() == s && s.queue.move(t.waiter.node, t.due(), s.size)
	s.mu.Unlock()
	if moved {
		// The one that comes first now may ask for less.
		s.serve()
	}
}

func checkWeight(op string, n int64) {
	if n < 0 {
		panic(fmt.Sprintf("gv: Semaphore.%s of %d: must not be negative", op, n))
	}
}
