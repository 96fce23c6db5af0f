package gv

import (
	"context"
	"sync"

	"github.com/gvthread/gvthread/arch"
)

// A Cond is a condition variable: a place where threads, plain goroutines, or
// both wait for something to happen, or tell that it did. L is what protects
// the condition, a *Mutex or *RWMutex as a rule; it must be locked to change
// the condition and to call Wait. NewCond makes a Cond; a zero Cond works once
// L is set. A Cond must not be copied after first use.
//
// Waiters are served in the order of their arrival; priorities play no part.
//
// In the terms of the Go memory model, Signal and Broadcast synchronize before
// the return of the calls of Wait that they end.
type Cond struct {
	_ noCopy

	// L is held by those who look at the condition or change it.
	L sync.Locker

	mu      arch.Lock
	waiters numberedList[condWait]
}

// NewCond returns a Cond with the given L.
func NewCond(l sync.Locker) *Cond { return &Cond{L: l} }

// condWait is what a Cond keeps about a wait, under its lock. The wait is in the
// list before L is unlocked. It blocks, and has a ticket, only after: Unlock
// may be anybody's code, and may use the caller's waiter for waits of its own.
type condWait struct {
	blocked  bool // has a ticket
	signaled bool // was taken out of the list before it had one
}

var condNodes = sync.Pool{New: func() any { return new(waitNode[condWait]) }}

// Wait unlocks c.L, waits for Signal or Broadcast, and locks c.L again before
// it returns. Since c.L is not locked while it waits, the condition need not
// hold when it returns: call it in a loop.
//
//	c.L.Lock()
//	for !condition() {
//		c.Wait()
//	}
//	... make use of condition ...
//	c.L.Unlock()
//
// Cancellation does not end the wait: use WaitContext for that.
func (c *Cond) Wait() {
	_ = c.wait(forever) // nothing but a signal ends it
}

// WaitContext is Wait that gives up when ctx ends, with its cause, or when the
// calling thread is cancelled, with an error that wraps ErrCancelled and the
// cause; also if that came before the call. c.L is locked when it returns, in
// any case. A call that returns an error has not used up a Signal.
func (c *Cond) WaitContext(ctx context.Context) error {
	if err := ended(Current(), ctx); err != nil {
		return err
	}
	return c.wait(ctx)
}

func (c *Cond) wait(ctx context.Context) error {
	t := Current()
	w := watchContext(t, ctx)
	defer w.stop()
	n := condNodes.Get().(*waitNode[condWait])
	c.mu.Lock()
	c.waiters.push(n)
	c.mu.Unlock()
	c.unlock(t, n)
	defer c.L.Lock()

	k := w.ticket(t, waitCond)
	c.mu.Lock()
	if n.detail.signaled {
		c.mu.Unlock()
		k.done()
		c.recycle(n)
		return nil
	}
	n.k, n.detail.blocked = k, true
	c.mu.Unlock()
	err := w.wait(k)
	if err != nil {
		c.mu.Lock()
		c.waiters.remove(n)
		c.mu.Unlock()
	}
	k.done()
	c.recycle(n)
	return err
}

// unlock unlocks c.L for t, whose wait is n. Where that panics, as it does if c.L is
// not locked, nobody waits.
func (c *Cond) unlock(t *Thread, n *waitNode[condWait]) {
	unlocked := false
	defer func() {
		if unlocked {
			return
		}
		c.mu.Lock()
		signaled := n.detail.signaled
		if !signaled {
			c.waiters.remove(n)
		}
		c.mu.Unlock()
		if signaled {
			c.Signal() // it was for somebody who waits
		}
	}()
	t.unlockCalmly(c.L) // a StackOverflowError would end the wait, with L unlocked
	unlocked = true
}

// recycle keeps n for another wait.
func (c *Cond) recycle(n *waitNode[condWait]) {
	*n = waitNode[condWait]{}
	condNodes.Put(n)
}

// Signal ends the wait of the one that has waited longest, if anybody waits.
// The caller may hold c.L, but need not.
func (c *Cond) Signal() {
	var chain wakeChain[condWait]
	c.mu.Lock()
	c.takeLocked(&chain)
	c.mu.Unlock()
	chain.wake()
	Safepoint()
}

// Broadcast ends the waits of all who wait. The caller may hold c.L, but need
// not.
func (c *Cond) Broadcast() {
	var chain wakeChain[condWait]
	c.mu.Lock()
	limit := c.waiters.arrivals
	for c.waiters.first != nil && c.waiters.first.arrival <= limit {
		c.takeLocked(&chain)
		chain.relieve(&c.mu)
	}
	c.mu.Unlock()
	chain.wake()
	Safepoint()
}

// takeLocked gives a signal to the first who waits, if anybody does, for chain to wake.
func (c *Cond) takeLocked(chain *wakeChain[condWait]) {
	for n := c.waiters.first; n != nil; n = c.waiters.first {
		c.waiters.remove(n)
		if !n.detail.blocked {
			n.detail.signaled = true
			return
		}
		if chain.claim(n) {
			return
		}
	}
}
