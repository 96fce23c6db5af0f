package sched

import (
	"math/bits"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// The priority in force for a task follows from three: its own, those that it is lent by
// the mutexes that it holds, and Critical while it is boosted. Those who change one of
// these put in force what follows then.

// inheritance is what the priority in force follows from.
type inheritance struct {
	// base is the priority that the user set.
	base arch.Word
	// lockWord is what mutexes have that the task owns: see LockWord.
	lockWord uint32
	// lent counts the mutexes that lend each priority above Low to the task, in lentBits
	// each. Each mutex changes it under its own lock.
	lent atomic.Uint64
	// lock guards the priority in force.
	lock arch.Lock
}

// lentBits is enough for fewer than 2^21 mutexes under one owner for which others of one
// priority wait: each takes a waiter.
const lentBits = 21

// lentOne is what one mutex that lends p adds to lent. What is lowest lends nothing.
func lentOne(p Priority) uint64 {
	if p >= Low {
		return 0
	}
	return 1 << (p * lentBits)
}

// Base returns the priority that the user set.
func (t *Task) Base() Priority { return Priority(t.inherit.base.Load()) }

// SetBase changes it.
func (t *Task) SetBase(p Priority) {
	t.inherit.base.Publish(uint32(p)) // then enforce looks at what is in force
	t.enforce()
}

// LockWord returns what the task wrote with SetLockWord, 0 if it has not done so. It is for
// the layer above, whose mutexes learn so who takes them. The task itself reads it, and
// those who hold the lock of a queue that the task has entered since.
func (t *Task) LockWord() uint32 { return t.inherit.lockWord }

// SetLockWord is for the task itself.
func (t *Task) SetLockWord(w uint32) { t.inherit.lockWord = w }

// Lend changes what one mutex lends to t, from one priority to another; None stands for
// nothing.
func (t *Task) Lend(from, to Priority) {
	t.inherit.lent.Add(lentOne(to) - lentOne(from))
	t.enforce()
}

// Lent returns how many mutexes lend a priority above Low to t.
func (t *Task) Lent() (n int) {
	for lent := t.inherit.lent.Load(); lent != 0; lent >>= lentBits {
		n += int(lent & (1<<lentBits - 1))
	}
	return n
}

// Due returns the priority that t should wait with, and run with unless it is boosted:
// its own or the highest that it is lent.
func (t *Task) Due() Priority { return t.inherited() }

func (t *Task) inherited() Priority {
	p := t.Base()
	if lent := t.inherit.lent.Load(); lent != 0 {
		p = min(p, Priority(bits.TrailingZeros64(lent)/lentBits))
	}
	return p
}

// wanted returns the priority that should be in force for t.
func (t *Task) wanted() Priority {
	if t.marks.has(markBoosted) {
		return Critical
	}
	return t.inherited()
}

// boost makes t, which has been ready for too long, count as Critical until it has had a
// slice. It ends starvation, and with it priority inversion on locks that the scheduler
// can't see.
func (t *Task) boost() {
	if t.marks.set(markBoosted) {
		t.s.boosts.Add(1)
		t.enforce()
	}
}

// unboost ends a boost.
func (t *Task) unboost() {
	if t.marks.has(markBoosted) {
		t.endBoost()
	}
}

// endBoost is unboost for a task that was boosted just now: apart, so that unboost is inlined.
//
//go:noinline
func (t *Task) endBoost() {
	if t.marks.clear(markBoosted) {
		t.enforce()
	}
}

// unboostOn is unboost for the task that has w, which the caller has locked, unless
// somebody else is just putting a priority in force for it.
func (t *Task) unboostOn(w *worker) {
	in := &t.inherit
	if !t.marks.has(markBoosted) || !in.lock.TryLock() {
		return
	}
	if t.marks.clear(markBoosted) {
		// Again, as in enforce: who changes something meanwhile may have looked before.
		for p := t.wanted(); p != t.Priority(); p = t.wanted() {
			t.prio.Publish(uint32(p))
			w.setLevel(p)
		}
	}
	in.lock.Unlock()
}

// boostSpent reports whether t is where a boost doesn't help it: it has ended, or it is
// blocked. It may have got there just before it was boosted.
func (t *Task) boostSpent() bool {
	v := t.where.Load()
	switch State(v & stateMask) {
	case Done, Blocked:
		return true
	case Running:
		return v>>placeShift == t.s.outside.index
	}
	return false
}

// enforce puts in force what should be. It is called after any change of what wanted
// looks at.
func (t *Task) enforce() {
	if t.wanted() == t.Priority() {
		// Also if somebody is about to put in force what was wanted before the change:
		// he will look again.
		return
	}
	t.inherit.lock.Lock()
	for p := t.wanted(); p != t.Priority(); p = t.wanted() {
		t.setPriority(p)
	}
	t.inherit.lock.Unlock()
}

// setPriority puts p in force: a ready task moves to the end of the list for p, a running
// one makes way if something ready is now above it.
func (t *Task) setPriority(p Priority) {
	// A barrier: those who make t ready look at it after they have said where t is.
	t.prio.Publish(uint32(p))
	pl := t.lockPlace()
	switch {
	case pl == nil:
	case pl.worker != nil && pl.worker.cur == t:
		w := pl.worker
		w.setLevel(p)
		outranked := w.lent != nil && w.lent.Priority() < p && w.ask(preemptSeen) || w.askOutranked(p)
		w.Unlock()
		if outranked {
			t.s.monitor.preempting()
		}
	case pl == &t.s.outside.place:
		lends := t.lends()
		pl.Unlock()
		if lends != nil {
			lends.recall(t)
		}
	default:
		if from := t.queued; from != p {
			pl.queue.unlink(t)
			// A boosted one goes before those that are Critical by themselves: there may be many.
			if t.marks.has(markBoosted) {
				pl.queue.pushFront(t)
			} else {
				pl.queue.push(t, t.s.arrivals.Add(1))
			}
			t.s.monitor.starvation.move(t, from)
		}
		pl.Unlock()
		// Also if it was in its list already: spread, which may have put it there, offers it
		// to nobody.
		t.s.publish(p)
	}
}
