package gv

import (
	"sync"

	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// A waiter is a thread or a plain goroutine as the primitives see it: somebody who blocks
// until one of several sides (a sender, an unlocker, a timer, a cancellation) claims the
// wait. A thread has one for all its life; a goroutine borrows one for each wait.
type waiter struct {
	// task is the thread as the scheduler knows it, or stands for the goroutine: first, for
	// ticket.waiter.
	task sched.Task
	// node is the owner's place in the queue of what it waits for; see waitDetail. It is
	// made when it is first needed.
	node *waitNode[waitDetail]
	// nodes are those of channels that the owner uses, and has used last, for the next
	// waits: nil, one node, or, when there have been more, a *[keptNodes]any. One without a
	// ticket is free.
	nodes any
}

// keptNodes is how many nodes are kept, which may be of channels of different types.
const keptNodes = 8

// goroutineWaiters are those that plain goroutines borrow.
var goroutineWaiters = sync.Pool{New: func() any {
	w := new(waiter)
	w.task.InitPlain()
	return w
}}

// A ticket is one wait of one waiter. Primitives keep it in their queues; one that is kept
// too long can't do harm, since its generation is over. The zero ticket is none.
type ticket struct{ sched.Ticket }

// newTicket starts a wait of the caller, for what kind says: of t, or of the calling
// goroutine when t is nil. Cancellation of the thread ends it if cancellable is true. It
// must be followed by done. A goroutine's can't be made under a spin lock.
func newTicket(t *Thread, kind waitKind, cancellable bool) ticket {
	if t == nil {
		return plainTicket()
	}
	return t.newTicket(kind, cancellable)
}

// newTicket is newTicket in the thread t.
func (t *Thread) newTicket(kind waitKind, cancellable bool) ticket {
	t.waits.note(kind)
	return ticket{t.task.Arm(cancellable)}
}

// plainTicket is newTicket in a plain goroutine.
func plainTicket() ticket {
	return ticket{goroutineWaiters.Get().(*waiter).task.ArmPlain()}
}

// claim ends the wait for the caller, and reports whether it has: another side may have
// done so before. What the owner is to find then, the caller has written before. If
// blocked is true, too, the caller must call wake, and is pinned until then.
func (k ticket) claim() (won, blocked bool) {
	if !k.Plain() {
		if rt := threadOf(k.Owner()).rt(); rt.config.Logger != nil {
			rt.noteWaker()
		}
	}
	return k.Claim()
}

// claimed is claim for those who can call wake at any time: it returns a ticket to wake,
// or none if there is no need to.
func (k ticket) claimed() (wake ticket, won bool) {
	won, blocked := k.claim()
	if !blocked {
		return ticket{}, won
	}
	return k, true
}

// wakeAny is Wake for what may be no ticket.
func (k ticket) wakeAny() {
	if !k.None() {
		k.Wake()
	}
}

// wakeBy is wakeAny for callers that know who they are: t, nil for a plain goroutine.
func (k ticket) wakeBy(t *sched.Task) {
	if !k.None() {
		k.WakeBy(t)
	}
}

// again starts another wait of the same owner after one that was claimed, in place of done
// and newTicket.
func (k ticket) again(cancellable bool) ticket {
	if k.Plain() {
		return ticket{k.Owner().ArmPlain()}
	}
	return ticket{k.Owner().Arm(cancellable)}
}

// thread returns the thread that waits, nil if it is a plain goroutine.
func (k ticket) thread() *Thread {
	if k.Plain() {
		return nil
	}
	return threadOf(k.Owner())
}

// waiter returns who waits.
func (k ticket) waiter() *waiter { return arch.Enclosing[waiter](k.Owner()) }

// node returns the owner's place in a queue, for one that holds nobody twice.
func (k ticket) node() *waitNode[waitDetail] {
	w := k.waiter()
	if w.node == nil {
		w.node = new(waitNode[waitDetail])
	}
	return w.node
}

// done ends the wait. No queue may hold the ticket any more.
func (k ticket) done() {
	if k.Plain() {
		k.giveBack()
	}
}

// doneAny is done for what may be no ticket, when the caller had no need to wait.
func (k ticket) doneAny() {
	if !k.None() {
		k.done()
	}
}

// giveBack is done for a plain goroutine: apart, so that done is inlined.
//
//go:noinline
func (k ticket) giveBack() { goroutineWaiters.Put(k.waiter()) }

// wait blocks the owner until the wait is claimed, or, if it is cancellable, the thread is
// cancelled: then it returns an error that wraps ErrCancelled and the cause.
func (k ticket) wait() error {
	if k.Plain() {
		goroutinesWaiting.Add(1)
		k.WaitPlain()
		goroutinesWaiting.Add(-1)
		return nil
	}
	t := threadOf(k.Owner())
	t.reach(sched.PointWaits)
	if k.Wait() {
		t.rt().control.exitIfBroken()
		return t.cancelCause()
	}
	return nil
}

// giveUp ends the owner's own wait before it blocks. It reports false when another side
// has ended it.
func (k ticket) giveUp() bool {
	won, _ := k.Claim()
	return won
}
