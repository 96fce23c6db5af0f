package gv

import "github.com/gvthread/gvthread/runtime/internal/sched"

// Priority inheritance: while a thread holds a Mutex that others wait for, it
// runs at least at the priority of the highest of them. If it is itself blocked
// on a Mutex, it waits there at that priority, and so its owner runs at it, and
// so on through the chain. What is lent by one Mutex is taken back exactly when
// that Mutex is unlocked, or when the waiter that lent it gives up.
//
// There is no global lock. A Mutex knows, under its own lock, its waiters, and
// what it lends to whom. A thread knows how many mutexes lend it each priority above Low,
// and what it waits for; these are atomics. Whoever changes one side then makes
// the next one agree with what he finds there, which may be newer than what he
// was sent for: so the steps of several walks along a chain may mix in any
// order, and the last one leaves all as it should be.
//
// Locks are taken in the order Mutex.mu, those of the scheduler, and never
// two of the first kind or of the second.

// due returns the priority that t should wait with: its own or the highest that it is lent.
func (t *Thread) due() Priority { return Priority(t.task.Due()) }

// borrow changes what one Mutex lends to t, from one priority to another;
// noPriority stands for nothing.
func (t *Thread) borrow(from, to Priority) { t.task.Lend(sched.Priority(from), sched.Priority(to)) }

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
	t.needRare().blocked.Store(m)
	return t.due()
}

// leaveQueue notes that t no longer waits for its Mutex, whose lock the caller
// holds. t may be nil.
func (t *Thread) leaveQueue() {
	if t != nil {
		t.needRare().blocked.Store(nil)
	}
}

// propagate is called, with no lock held, after t's due priority may have
// changed: if t waits for a Mutex, it goes to its new place in the queue, what
// the Mutex lends to its owner follows, and so on from there. One that waits for
// a Semaphore goes to its new place there, and lends nothing. t may be nil.
//
// The walk ends where nothing changes. Among threads that wait for each other
// in a circle two walks might chase each other for ever: so a walk that comes
// by one thread too often ends as well.
func (t *Thread) propagate() {
	// Brent's way to notice a circle: mark moves to where the walk is after 1,
	// 2, 4, 8… steps, and a walk in a circle meets it again and again.
	mark, steps, limit, met := t, 0, 1, 0
	for t != nil {
		m := t.blockedOn()
		if m == nil {
			t.repositionInSemaphore()
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
