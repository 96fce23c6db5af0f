package gv

import (
	"context"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// A Mutex is a mutual exclusion lock between threads, plain goroutines, or
// both. The zero value is an unlocked Mutex. It must not be copied after first
// use.
//
// Waiters are served by priority, the highest first, and in the order of their
// arrival within one; a goroutine counts as Normal. While a thread holds the
// Mutex it runs at least at the priority of the highest waiter, and so do those
// whom it waits for in turn, so a high thread waits for a low one's critical
// section, but not for whatever the scheduler would prefer to it. A goroutine
// that holds the Mutex can't be hurried.
//
// Unlock hands the lock over to a waiter of higher priority than the unlocking
// thread's own, and to one that has been woken before and found the lock taken
// again. Otherwise it wakes the first waiter and lets whoever comes first take
// the lock, unless he is of lower priority than a waiter: a running thread that
// locks and unlocks often need not wait for a switch each time. Nobody starves:
// each waiter is passed over so at most until it has had one turn to run, and no more
// than some 1,000 times where a worker is free for it; and every 64th time that Unlock
// looks for a waiter, that is the one that has waited longest, whatever its priority.
// Lock spins for a moment before it waits, if the owner is running.
//
// A locked Mutex may be unlocked by another thread or goroutine than the one
// that locked it. What the lock's owner was lent ends then.
//
// In the terms of the Go memory model, the n'th call of Unlock synchronizes
// before the m'th call of Lock returns, for n < m; a successful TryLock or
// LockContext is as good as a Lock.
type Mutex struct {
	// word says who owns the Mutex: see mutexowner.go. Between unlocked and a word with
	// alone, and between words with openBits, it changes by anybody's compare-and-swap; all
	// else happens under mu.
	word atomic.Uint32

	// mu guards the rest, and a word without alone and openBits.
	mu arch.Lock
	// queue is made when somebody first has to wait, or may have to.
	queue *mutexQueue
}

// Lock locks m. If it is locked already, the calling thread is parked, or the
// goroutine blocked, until it is free. Cancellation does not end the wait: use
// LockContext for that.
func (m *Mutex) Lock() {
	if w := callerWord(); w == 0 || !m.word.CompareAndSwap(unlocked, w) {
		_ = m.lockSlow(Current(), forever) // nothing but the lock ends it
	}
	point()
}

// LockContext is Lock that gives up when ctx ends, with its cause, or when the
// calling thread is cancelled, with an error that wraps ErrCancelled and the
// cause. In both cases, also if they came before the call, m is not locked by
// it. Otherwise it returns nil and m is locked.
func (m *Mutex) LockContext(ctx context.Context) error {
	t := Current()
	if err := ended(t, ctx); err != nil {
		return err
	}
	if m.word.CompareAndSwap(unlocked, t.ownWord()) {
		point()
		return nil
	}
	err := m.lockSlow(t, ctx)
	point()
	return err
}

// TryLock locks m if that can be done at once, and reports whether it did. It
// fails, too, if waiters of higher priority are about to take the lock.
func (m *Mutex) TryLock() bool {
	ok := m.tryLock()
	point()
	return ok
}

// tryLock is TryLock, but no point.
func (m *Mutex) tryLock() bool {
	t := Current()
	if m.word.CompareAndSwap(unlocked, t.ownWord()) {
		return true
	}
	if m.barge(t) {
		return true
	}
	if !isFree(m.word.Load()) {
		return false
	}
	m.mu.Lock()
	ok := m.takeLocked(t)
	m.mu.Unlock()
	return ok
}

// Unlock unlocks m. It panics if m is not locked.
func (m *Mutex) Unlock() {
	if !m.word.CompareAndSwap(m.word.Load()|alone, unlocked) {
		m.unlockSlow()
	}
}

// lockSlow is Lock and LockContext where the lock isn't free for the taking, or the thread has
// no number yet: then, too, it takes a free one without a queue.
func (m *Mutex) lockSlow(t *Thread, ctx context.Context) error {
	if m.barge(t) {
		return nil
	}
	m.spin()
	if m.word.CompareAndSwap(unlocked, t.ownWord()) || m.barge(t) {
		return nil
	}
	m.mu.Lock()
	m.needQueueLocked()
	ok := m.takeLocked(t)
	m.mu.Unlock()
	if ok {
		return nil
	}
	w := watchContext(t, ctx)
	defer w.stop()
	k := w.ticket(t, waitMutex) // a goroutine's can't be made under a spin lock
	n := k.node()
	m.mu.Lock()
	if m.takeLocked(t) {
		m.mu.Unlock()
		k.done()
		return nil
	}
	n.k = k
	m.queue.enter(n, t.enterQueue(m))
	err := m.waitLocked(n, t, w)
	n.k.done()
	return err
}

// needQueueLocked makes the queue, if there is none.
func (m *Mutex) needQueueLocked() {
	if m.queue == nil {
		m.queue = &mutexQueue{lends: noPriority}
	}
}

// waitLocked waits, for t, in the queue as n, until the lock is n's or what w watches
// ends. It is called with mu held and returns without.
func (m *Mutex) waitLocked(n *mutexNode, t *Thread, w *contextWatch) error {
	for {
		moved := m.lendLocked()
		m.mu.Unlock()
		moved.propagate()
		err := w.wait(n.k)
		m.mu.Lock()
		if err == nil && !n.detail.mutex.granted && isOwned(m.word.Load()) {
			// Somebody was faster, but mostly not for long.
			m.mu.Unlock()
			m.spin()
			m.mu.Lock()
		}
		wait := &n.detail.mutex
		switch {
		case err != nil:
			m.removeLocked(n)
			moved := m.lendLocked()
			m.mu.Unlock()
			moved.propagate()
			return err
		case wait.granted:
			m.mu.Unlock()
			return nil
		case m.takeAwakeLocked(n, t):
			m.mu.Unlock()
			return nil
		}
		// The owner's Unlock will hand over.
		wait.awake, wait.passed = false, true
		n.k = n.k.again(w != watchNothing)
	}
}

// takeLocked makes t, which has just come, the owner if the lock is to be had
// for it. Otherwise the owner's Unlock will look for waiters under mu.
func (m *Mutex) takeLocked(t *Thread) bool {
	for {
		switch w := m.word.Load(); {
		case w == unlocked:
			if m.word.CompareAndSwap(unlocked, t.ownWord()) {
				return true
			}
		case isFree(w):
			if t.rank() > m.queue.top() {
				// One of the waiters is awake, and won't find the lock taken by
				// somebody who has less right to it.
				return false
			}
			if m.closeLocked() {
				m.ownLocked(t)
				return true
			}
		case m.shareLocked():
			return false
		}
	}
}

// shareLocked makes sure that the owner will look for waiters under mu when it unlocks. It
// reports false if there is no owner.
func (m *Mutex) shareLocked() bool {
	for {
		w := m.word.Load()
		if !isOwned(w) {
			return false
		}
		if w&(alone|openBits) == 0 || m.word.CompareAndSwap(w, w&^(alone|openBits)) {
			return true
		}
	}
}

// ownLocked makes t the owner of m, which nobody owns, and is not open: t calls it, or is in
// the queue.
func (m *Mutex) ownLocked(t *Thread) {
	w := t.ownWord()
	if m.queue.top() != noPriority {
		w &^= alone
		m.queue.owner = t
	}
	m.word.Store(w)
	m.lendLocked()
}

// disownLocked makes m a Mutex without an owner, with the word w.
func (m *Mutex) disownLocked(w uint32) {
	m.queue.owner = nil
	m.word.Store(w)
}

// ownerLocked returns the thread that owns m, which nobody owns alone; nil if none does, or
// one that has ended.
func (m *Mutex) ownerLocked() *Thread {
	if m.queue.owner == nil {
		m.queue.owner = ownerOf(m.word.Load())
	}
	return m.queue.owner
}

// removeLocked takes a waiter out of the queue if it is still there.
func (m *Mutex) removeLocked(n *mutexNode) {
	if m.queue.remove(n) {
		n.k.thread().leaveQueue()
	}
}

// unlockSlow is Unlock where somebody may be waiting.
func (m *Mutex) unlockSlow() {
	if m.unlockOpen() {
		answer()
		return
	}
	m.mu.Lock()
	if !m.shareLocked() {
		m.mu.Unlock()
		panic("gv: unlock of unlocked Mutex")
	}
	m.needQueueLocked() // a controlled thread is never alone
	owner := m.ownerLocked()
	// First take back what the owner was lent: whether a waiter is above it
	// depends on its own priority.
	m.disownLocked(freeWord)
	moved := m.lendLocked()
	woken, apart := m.releaseLocked(owner.rank())
	m.mu.Unlock()
	if apart {
		woken.wakeBy(nil) // as one that has no worker to leave to it
	} else {
		woken.wakeAny()
	}
	moved.propagate()
	answer()
}

// releaseLocked finds out who is to have the lock that a thread of priority p
// gives up: it hands it over, or has a waiter fetch it. It returns who is to be
// woken for that, if anybody, and whether on a vacant worker.
func (m *Mutex) releaseLocked(p Priority) (woken ticket, apart bool) {
	q := m.queue
	n, oldest := q.next()
	for n != nil {
		wait := &n.detail.mutex
		handOver := oldest || wait.passed || n.detail.prio < p || wait.awake && q.opening.over(n)
		switch {
		case wait.awake && handOver:
			m.grantLocked(n)
			return ticket{}, false
		case wait.awake:
			m.openLocked()
			return ticket{}, false
		case handOver:
			// Before the claim: what n is lent by that must be in force when it becomes ready.
			m.grantLocked(n)
			if wake, ok := n.k.claimed(); ok {
				return wake, false
			}
			n.detail.mutex.granted = false
			m.disownLocked(freeWord)
			m.lendLocked() // n's thread, which waits for nothing
		default:
			if wake, ok := n.k.claimed(); ok {
				wait.awake = true
				q.opening.begin()
				m.openLocked()
				return wake, wake.w != nil && q.opening.offers(n)
			}
		}
		// It has been cancelled and is about to find out.
		m.removeLocked(n)
		n, oldest = q.first(), false
	}
	m.disownLocked(unlocked)
	return ticket{}, false
}

// grantLocked makes a waiter, claimed or awake, the owner.
func (m *Mutex) grantLocked(n *mutexNode) {
	m.removeLocked(n)
	n.detail.mutex.granted = true
	m.ownLocked(n.k.thread())
}

// lendLocked makes what m lends agree with who owns it and who waits. It
// returns a thread to propagate from after mu is unlocked, nil if there is
// nothing to do.
func (m *Mutex) lendLocked() *Thread {
	q := m.queue
	var owner *Thread
	top := q.top()
	if top != noPriority {
		owner = m.debtorLocked(top)
	}
	if owner == nil {
		top = noPriority
	}
	was, lent := q.borrower, q.lends
	if was == owner && lent == top {
		return nil
	}
	q.borrower, q.lends = owner, top
	switch {
	case was == owner:
		owner.borrow(lent, top)
	case was == nil:
		owner.borrow(noPriority, top)
	default:
		was.borrow(lent, noPriority)
		if owner != nil {
			// Owner by a grant: it isn't blocked, and needs no propagation.
			owner.borrow(noPriority, top)
		}
		return was
	}
	return owner
}

// reposition moves t, if it waits for m, to its place in the queue, and returns
// the thread that the change is to be propagated to.
func (m *Mutex) reposition(t *Thread) *Thread {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t.blockedOn() != m || !m.queue.move(t.waiter.node, t.due()) {
		return nil
	}
	return m.lendLocked()
}
