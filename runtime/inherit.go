package gv

// Priority inheritance: while a thread holds a Mutex that others wait for, it
// runs at least at the priority of the highest of them. If it is itself blocked
// on a Mutex, it waits there at that priority, and so its owner runs at it, and
// so on through the chain. What is lent by one Mutex is taken back exactly when
// that Mutex is unlocked, or when the waiter that lent it gives up.
//
// There is no global lock. The truth is in two places: a Mutex knows its
// waiters and, under its lock, the thread that it lends to; a thread knows, in
// its inheritance, what it was lent by how many mutexes and what it waits for.
// A change is carried from one to the next with at most one of each locked, in
// the order Mutex.mu, Thread.prioLock, run queues. Each step makes the next
// place agree with what it finds, not with what it was sent for, so steps of
// several walks may mix in any order, and the last one leaves all as it should
// be.

// inheritance is a thread's share in priority inheritance. All of it is guarded
// by Thread.prioLock, except where said.
type inheritance struct {
	// by counts, for each priority, the mutexes that lend it to the thread.
	by [numPriorities]int32
	// blocked is the Mutex in whose queue the thread is. It changes with both
	// that mutex's lock and prioLock held, so either is enough to read it.
	blocked *Mutex
	// words are the values of Mutex.word that say that the thread owns it; see
	// lockWord. They are set by the thread itself before it first uses them and
	// never change again.
	words [2]lockWord
}

// due returns the priority that t should run and wait with, boosts aside: its
// own or the highest that it is lent. The caller holds prioLock.
func (t *Thread) due() Priority {
	p := t.base()
	for lent := range p {
		if t.lent.by[lent] > 0 {
			return lent
		}
	}
	return p
}

// rank returns the priority with which t competes for a Mutex. t may be nil:
// goroutines count as Normal.
func (t *Thread) rank() Priority {
	if t == nil {
		return Normal
	}
	t.prioLock.lock()
	defer t.prioLock.unlock()
	return t.due()
}

// enforceLocked puts in force what is due. The caller holds prioLock.
func (t *Thread) enforceLocked() {
	if t.boosted.Load() {
		t.setEffective(Critical)
		return
	}
	t.setEffective(t.due())
}

// baseChanged is called after t's own priority or its boost has changed.
func (t *Thread) baseChanged() {
	t.prioLock.lock()
	t.enforceLocked()
	t.prioLock.unlock()
	t.propagate()
}

// borrow changes what one Mutex lends to t, from one priority to another;
// noPriority stands for nothing.
func (t *Thread) borrow(from, to Priority) {
	t.prioLock.lock()
	if from != noPriority {
		t.lent.by[from]--
	}
	if to != noPriority {
		t.lent.by[to]++
	}
	t.enforceLocked()
	t.prioLock.unlock()
}

// enterQueue notes that t is about to wait for m, whose lock the caller holds,
// and returns the priority to wait with. t may be nil.
func (t *Thread) enterQueue(m *Mutex) Priority {
	if t == nil {
		return Normal
	}
	t.prioLock.lock()
	defer t.prioLock.unlock()
	t.lent.blocked = m
	return t.due()
}

// leaveQueue notes that t no longer waits for its Mutex, whose lock the caller
// holds.
func (t *Thread) leaveQueue() {
	if t == nil {
		return
	}
	t.prioLock.lock()
	t.lent.blocked = nil
	t.prioLock.unlock()
}

// waitsWith returns the priority that t should have in m's queue, and false if
// it isn't there. The caller holds m's lock.
func (t *Thread) waitsWith(m *Mutex) (Priority, bool) {
	t.prioLock.lock()
	defer t.prioLock.unlock()
	return t.due(), t.lent.blocked == m
}

// propagate is called, with no lock held, after t's due priority may have
// changed: if t waits for a Mutex, it goes to its new place in the queue, what
// the Mutex lends to its owner follows, and so on from there. t may be nil.
//
// The walk ends where nothing changes. Threads that wait for each other in a
// circle will do so for ever, and two walks might chase each other round it:
// so a walk that comes by one thread too often ends as well.
func (t *Thread) propagate() {
	// Brent's way to notice a circle: mark moves to where the walk is after 1,
	// 2, 4, 8… steps, and a walk in a circle meets it again and again.
	mark, steps, limit, met := t, 0, 1, 0
	for t != nil {
		t.prioLock.lock()
		m := t.lent.blocked
		t.prioLock.unlock()
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
