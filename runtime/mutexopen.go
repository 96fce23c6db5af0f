package gv

import (
	"time"

	"github.com/gvthread/gvthread/arch"
)

// A Mutex is open while one of its waiters is awake, which will look at it under mu. Until
// then the running threads lock and unlock it by the word alone: a switch costs as much as
// many short critical sections, and what they protect stays on one core. Only threads below
// the first waiter are kept out.
//
// The openBits of the word say so. They are set, under mu, when a waiter that has been woken is
// left to take the lock, and stay in the word through the hands of those who take it before.
// Whoever changes what Unlock has to look at clears them: a waiter that comes, one that has
// been awake and finds the lock taken, and one that lends the owner a priority. So an owner
// with openBits is lent nothing.

const (
	// manyPasses is how often an open Mutex is unlocked before the waiter that is awake has it
	// handed over, if a worker is free for that one.
	manyPasses = 1024
	// offerEvery is how often a waiter is woken on a vacant worker, beside the thread that
	// unlocks. If what they do outside the lock takes long, the two go on side by side from
	// then on. If not, an OS thread was woken in vain.
	offerEvery = time.Millisecond

	// spinTries bounds a spin, to about as long as a critical section should be that is
	// worth the wait: half a microsecond.
	spinTries = 32
	// While a Mutex is open, there are up to freeSpins spins, and one for spinPasses unlocks.
	// Where nearly each Lock has to spin, two cores do less than one.
	freeSpins  = 16
	spinPasses = 4
)

// A mutexOpening is what is known of an open Mutex since its waiter was woken.
type mutexOpening struct {
	// passes counts unlocks, and spins spins. Others than who holds mu may lose some.
	passes, spins arch.Word
	// offered is when a waiter was last woken on a vacant worker. It is guarded by mu.
	offered int64
}

// begin notes that a waiter is being woken.
func (o *mutexOpening) begin() {
	o.passes.Store(0)
	o.spins.Store(0)
}

// pass counts an unlock, and reports whether it needs no look at the queue.
func (o *mutexOpening) pass() bool {
	n := o.passes.Load() + 1
	o.passes.Store(n)
	return n%manyPasses != 0
}

// over reports whether n, which is awake, has been passed over too often. It is not while
// there is no worker for n: all would wait for n to get one.
func (o *mutexOpening) over(n *mutexNode) bool {
	return o.passes.Load() >= manyPasses && n.canRun()
}

// allowSpin counts a spin, and reports whether there may be one.
func (o *mutexOpening) allowSpin() bool {
	n := o.spins.Load()
	if n >= freeSpins && (n-freeSpins)*spinPasses >= o.passes.Load() {
		return false
	}
	o.spins.Store(n + 1)
	return true
}

// offers reports whether n, which has been claimed, is to be woken on a vacant worker. The
// Portable engine may have no P for that one before a thread that runs has used up its time
// slice of Go's.
func (o *mutexOpening) offers(n *mutexNode) bool {
	if t := n.k.thread(); t == nil || !t.rt().native || !t.rt().sched.Vacant() {
		return false
	}
	at := now()
	if at-o.offered < int64(offerEvery) {
		return false
	}
	o.offered = at
	return true
}

// canRun reports whether there is a worker for who waits as n: a goroutine needs none.
func (n *waitNode[D]) canRun() bool {
	t := n.k.thread()
	return t == nil || t.rt().sched.Vacant()
}

// openLocked opens m, which nobody owns, and of whose waiters one is awake.
func (m *Mutex) openLocked() {
	m.disownLocked(freeWord | openTo(m.queue.top()))
}

// barge makes t the owner of m, if m is open to it and nobody owns it.
func (m *Mutex) barge(t *Thread) bool {
	w := m.word.Load()
	return isFree(w) && isOpenTo(w, t.rank()) &&
		m.word.CompareAndSwap(w, t.ownWord()&^alone|w&openBits)
}

// unlockOpen is Unlock, if m is open and that goes without a look at the queue.
func (m *Mutex) unlockOpen() bool {
	w := m.word.Load()
	return isOwned(w) && w&openBits != 0 && m.queue.opening.pass() &&
		m.word.CompareAndSwap(w, freeWord|w&openBits)
}

// spin waits a little for the owner to unlock, if it is running: to park and be
// woken costs more than most critical sections.
func (m *Mutex) spin() {
	if m.word.Load()&openBits != 0 && !m.queue.opening.allowSpin() {
		return
	}
	var known uint32
	var owner *Thread
	for i := range spinTries {
		w := m.word.Load()
		if !isOwned(w) {
			return
		}
		switch n := w >> ownerShift; {
		case n != known:
			known, owner = n, nil // it has just got it, and runs
		case owner == nil:
			owner = ownerOf(w)
		}
		if owner != nil && !owner.task.Runs() {
			return
		}
		arch.Pause(i)
	}
}

// takeAwakeLocked makes t, whose wait is n, and which is awake, the owner if nobody is. If
// somebody is, m is open no longer.
func (m *Mutex) takeAwakeLocked(n *mutexNode, t *Thread) bool {
	for !m.shareLocked() {
		if m.closeLocked() {
			m.removeLocked(n)
			m.ownLocked(t)
			return true
		}
	}
	return false
}

// closeLocked reports whether nobody owns m, and sees to it that only the caller can change
// that.
func (m *Mutex) closeLocked() bool {
	w := m.word.Load()
	return isFree(w) && m.word.CompareAndSwap(w, freeWord)
}

// debtorLocked returns the thread that owns m and is to be lent the priority of the first
// waiter, top: it will look for waiters under mu when it unlocks. If nobody owns m, only who
// is not below top can take it.
func (m *Mutex) debtorLocked(top Priority) *Thread {
	for !m.shareLocked() {
		w := m.word.Load()
		if isOwned(w) {
			continue
		}
		if w&openBits == 0 || m.word.CompareAndSwap(w, freeWord|openTo(top)) {
			return nil
		}
	}
	return m.ownerLocked()
}
