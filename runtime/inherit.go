package gv

import "sync/atomic"

// Priority inheritance: while a thread holds a Mutex that others wait for, it
// runs at least at the priority of the highest of them. If it is itself blocked
// on a Mutex, it waits there at that priority, and so its owner runs at it, and
// so on through the chain. What is lent by one Mutex is taken back exactly when
// that Mutex is unlocked, or when the waiter that lent it gives up.
//
// There is no global lock. A Mutex knows, under its own lock, its waiters, and
// what it lends to whom. A thread knows how many mutexes lend it each priority,
// and what it waits for; these are atomics. Whoever changes one side then makes
// the next one agree with what he finds there, which may be newer than what he
// was sent for: so the steps of several walks along a chain may mix in any
// order, and the last one leaves all as it should be.
//
// Locks are taken in the order Mutex.mu, Thread.prioLock, run queues, and never
// two of the first kind or of the second.

// inheritance is a thread's share in priority inheritance.
type inheritance struct {
	// by counts, for each priority, the mutexes that lend it to the thread.
	// Each mutex changes it under its own lock.
	by [numPriorities]atomic.Int32
	// blocked is the Mutex in whose queue the thread is, nil if none. It changes
	// under that mutex's lock.
	blocked atomic.Pointer[Mutex]
	// words are the values of Mutex.word that say that the thread owns it; see
	// lockWord. They are set by the thread itself before it first uses them and
	// never change again.
	words [2]lockWord
}

// due returns the priority that t should wait with, and run with unless it is
// boosted: its own or the highest that it is lent.
func (t *Thread) due() Priority {
	p := t.base()
	for lent := range p {
		if t.lent.by[lent].Load() > 0 {
			return lent
		}
	}
	return p
}

// wanted returns the priority that should be in force for t.
func (t *Thread) wanted() Priority {
	if t.boosted.Load() {
		return Critical
	}
	return t.due()
}

// enforce puts in force what should be. It is called after any change of what
// wanted looks at.
func (t *Thread) enforce() {
	if t.wanted() == t.effective() {
		// Also if somebody is about to put in force what was wanted before the
		// change: he will look again.
		return
	}
	t.prioLock.lock()
	for p := t.wanted(); p != t.effective(); p = t.wanted() {
		t.setEffective(p)
	}
	t.prioLock.unlock()
}

// baseChanged is called after t's own priority or its boost has changed.
func (t *Thread) baseChanged() {
	t.enforce()
	t.propagate()
}

// borrow changes what one Mutex lends to t, from one priority to another;
// noPriority stands for nothing.
func (t *Thread) borrow(from, to Priority) {
	if to != noPriority {
		t.lent.by[to].Add(1)
	}
	if from != noPriority {
		t.lent.by[from].Add(-1)
	}
	t.enforce()
}

// rank returns the priority with which t competes for a Mutex that is free. t
// may be nil: goroutines count as Normal.
func (t *Thread) rank() Priority {
	if t == nil {
		return Normal
	}
	return t.effective()
}

// enterQueue notes that t is about to wait for m, whose lock the caller holds,
// and returns the priority to wait with. t may be nil.
func (t *Thread) enterQueue(m *Mutex) Priority {
	if t == nil {
		return Normal
	}
	// In this order: who changes what is due then looks at blocked.
	t.lent.blocked.Store(m)
	return t.due()
}

// leaveQueue notes that t no longer waits for its Mutex, whose lock the caller
// holds. t may be nil.
func (t *Thread) leaveQueue() {
	if t != nil {
		t.lent.blocked.Store(nil)
	}
}

// propagate is called, with no lock held, after t's due priority may have
// changed: if t waits for a Mutex, it goes to its new place in the queue, what
// the Mutex lends to its owner follows, and so on from there. t may be nil.
//
// The walk ends where nothing changes. Among threads that wait for each other
// in a circle two walks might chase each other for ever: so a walk that comes
// by one thread too often ends as well.
func (t *Thread) propagate() {
	// Brent's way to notice a circle: mark moves to where the walk is after 1,
	// 2, 4, 8… steps, and a walk in a circle meets it again and again.
	mark, steps, limit, met := t, 0, 1, 0
	for t != nil {
		m := t.lent.blocked.Load()
		if m == nil {
			return
		}
		t = m.reposition(t)
		if t == mark {
			// Chains change while they are walked, so to meet a thread twice
			// may be honest. A thread's priority can't change this often.
			if met++; met > 2*numPriorities {
				return
			}
		}
		if steps++; steps == limit {
			mark, limit, met = t, 2*limit, 0
		}
	}
}
