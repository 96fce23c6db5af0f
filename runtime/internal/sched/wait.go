package sched

import (
	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/event"
)

// A task, or a plain goroutine, waits until one of several sides (a sender, an unlocker, a
// timer, an interruption) claims its wait.
//
// One word has all of it: the generation of the wait, and how far it is. The owner arms
// it for a wait, and parks it when it blocks; whoever claims it has won, and if it was
// parked makes the owner run again. What the owner is to find then, the claimer has
// written before.

// The states of a wait, in the low bits of the word.
const (
	waitArmed       uint64 = iota // to be claimed; the owner runs
	waitParked                    // to be claimed; the owner is blocked, or about to
	waitClaimed                   // over
	waitInterrupted               // over, by Interrupt
	waitState       = 3
	// waitInterruptible lets Interrupt end the wait.
	waitInterruptible = 4
	generation        = 8
)

// A Ticket is one wait of one task. Those who may end the wait keep it; one that is kept
// too long can't do harm, since its generation is over.
type Ticket struct {
	t    *Task
	word uint64 // while it is armed
}

// Arm starts a wait of the calling task. With interruptible, Interrupt ends it.
func (t *Task) Arm(interruptible bool) Ticket {
	word := t.wait.Load()&^(generation-1) + generation
	if interruptible {
		word |= waitInterruptible
	}
	t.wait.Store(word)
	return Ticket{t, word}
}

// InitPlain makes t stand for plain goroutines in waits of theirs, one after another. It has
// no scheduler, and can do nothing else.
func (t *Task) InitPlain() { t.fiber = new(fiber) }

// ArmPlain starts a wait of the calling goroutine, which t stands for.
func (t *Task) ArmPlain() Ticket {
	t.fiber.Bind(arch.Native() == nil)
	return t.Arm(false)
}

// None reports whether k is the zero Ticket, which is none.
func (k Ticket) None() bool { return k.t == nil }

// Owner returns whose wait it is: a task, or what stands for a plain goroutine.
func (k Ticket) Owner() *Task { return k.t }

// Plain reports whether a plain goroutine waits.
func (k Ticket) Plain() bool { return k.t.s == nil }

// Claim ends the wait, which is the caller's to do if it returns true. If blocked is true,
// too, the caller must call Wake, and is pinned until then: if it were preempted in
// between, the owner would be neither blocked nor ready. So nothing between the two may
// block.
//
// Budget: one locked instruction, for the word.
func (k Ticket) Claim() (won, blocked bool) {
	arch.Pin()
	for {
		switch k.t.wait.Load() {
		case k.word | waitParked:
			if k.t.wait.CompareAndSwap(k.word|waitParked, k.word|waitClaimed) {
				return true, true
			}
		case k.word:
			if k.t.wait.CompareAndSwap(k.word, k.word|waitClaimed) {
				arch.Unpin()
				return true, false
			}
		default:
			arch.Unpin()
			return false, false
		}
	}
}

// Wake makes the owner run again, whose wait the caller has claimed while it was blocked.
// It does not yield: an operation that may have woken a task of higher priority ends with
// a safepoint.
func (k Ticket) Wake() { k.WakeBy(Current()) }

// WakeBy is Wake for callers that know who they are: by is the calling task, nil if the
// caller is a plain goroutine.
func (k Ticket) WakeBy(by *Task) { k.t.ready(by, Ready) }

// Wait blocks the owner, a task, until the wait is over, and reports whether it was
// interrupted. It is inlined: what is on the stack of a task that waits is there for long,
// and the garbage collector goes through it.
func (k Ticket) Wait() (interrupted bool) {
	k.t.park(k.word)
	return k.t.wait.Load()&waitState == waitInterrupted
}

// WaitPlain blocks the owner, a plain goroutine, until the wait is over.
func (k Ticket) WaitPlain() {
	arch.Pin()
	if k.t.wait.CompareAndSwap(k.word, k.word|waitParked) {
		k.t.fiber.Park(nil)
	} else {
		arch.Unpin()
	}
}

// settled reports whether t, which is blocked, stays so: nobody is about to make it ready.
// It is a barrier, after which the one who claims the wait sees what the caller has written.
func (t *Task) settled() bool { return t.wait.Add(0)&waitState == waitParked }

// interrupt makes a wait that is armed as word end, and reports whether it was not over
// already.
func (t *Task) interrupt(word uint64) bool {
	return word&waitInterruptible != 0 && t.wait.CompareAndSwap(word, word|waitInterrupted)
}

// Interrupt ends t's wait under way, if it can be interrupted, and all that begin later.
func (t *Task) Interrupt() {
	t.marks.set(markInterrupted)
	// The order of this store and the load, and of the opposite in park, makes sure that
	// one of the sides sees the other.
	word := t.wait.Load()
	switch word & waitState {
	case waitArmed:
		if t.interrupt(word) {
			return
		}
		word |= waitParked
	case waitParked:
	default:
		return
	}
	arch.Pin()
	if word&waitInterruptible != 0 && t.wait.CompareAndSwap(word, word|waitInterrupted) {
		t.ready(Current(), Ready)
	} else {
		arch.Unpin()
	}
}

// park blocks the calling task in the wait that was armed as word, unless that is over, or
// the task was interrupted.
//
// Once the word says parked, the task may be made ready, and be resumed on another worker,
// while this code is still on its stack: arch holds the resumer back until it no longer
// is. After that nothing of t may be written here.
//
// Budget: two locked instructions, for the worker's lock and the word.
func (t *Task) park(word uint64) {
	t.unboost()
	arch.Pin()
	w := t.fiber.lockWorkerPinned(t)
	if w == nil {
		arch.Unpin()
		t.parkOutside(word)
		return
	}
	// Locking w was a barrier: see Interrupt.
	if t.marks.has(markInterrupted) && t.interrupt(word) {
		w.Unlock()
		t.stay()
		return
	}
	t.withdraw()
	t.fiber.BeginLeave()
	if w.log != nil {
		w.cause, w.wait = event.Waits, w.s.config.Bodies.Waits(t)
	}
	w.endTurn()
	t.where.Store(at(Blocked, nowhere))
	if !t.wait.CompareAndSwap(word, word|waitParked) {
		t.where.Store(at(Running, w.index))
		w.resumeTurn(t)
		t.fiber.Stay()
		w.Unlock()
		t.stay()
		return
	}
	w.depart(t.fiber, w.fill())
}

// stay is park for a task whose wait is over: it keeps its worker, unless that was asked
// for. So every wait is a safepoint, but for the look at the stack: what waits may not be
// ready for a panic.
func (t *Task) stay() {
	if Pending() {
		t.Answer()
	}
}

// parkOutside is park for a task that has no worker. When it is made ready, it gets one: in
// Leave, it waits for its turn as any other, and then goes on without.
func (t *Task) parkOutside(word uint64) {
	o := &t.s.outside
	if !t.s.takeBack(t) {
		t.park(word) // it has its worker again
		return
	}
	if t.marks.has(markInterrupted) && t.interrupt(word) {
		t.stayOutside()
		return
	}
	t.where.Store(at(Blocked, nowhere))
	if !t.wait.CompareAndSwap(word, word|waitParked) {
		t.stayOutside()
		return
	}
	t.fiber.Park(&o.Lock)
	if t.blocks.Load() > 0 {
		t.Reach(PointLeaves)
		t.goOutside()
	}
}

// stayOutside lets the calling task, which was taken back, go on: without a worker in
// Leave, else with one. Outside is locked, and is unlocked.
func (t *Task) stayOutside() {
	o := &t.s.outside
	if t.blocks.Load() > 0 {
		t.s.putBlocked(t)
		o.Unlock()
		return
	}
	arch.Pin()
	t.where.Store(at(Running, nowhere))
	o.Unlock()
	t.acquire(Ready)
}
