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
	// node is the owner's place in the queue of what it waits for; see waitDetail. It is
	// made when it is first needed.
	node *waitNode[waitDetail]
	// spare are the nodes of channels that the owner has used last, for the next waits:
	// nil, one node, or, when there have been more, a *[spareNodes]any.
	spare any
}

// spareNodes is how many nodes are kept, which may be of channels of different types.
const spareNodes = 8

// A goroutineWaiter is what a plain goroutine borrows.
type goroutineWaiter struct {
	waiter
	// task stands for the goroutine.
	task *sched.Task
}

var goroutineWaiters = sync.Pool{New: func() any { return &goroutineWaiter{task: sched.NewPlain()} }}

// A ticket is one wait of one waiter. Primitives keep it in their queues; one that is kept
// too long can't do harm, since its generation is over. The zero ticket is none.
type ticket struct {
	sched.Ticket
	w *waiter
}

// newTicket starts a wait of the caller, for what kind says: of t, or of the calling
// goroutine when t is nil. Cancellation of the thread ends it if cancellable is true. It
// must be followed by done. A goroutine's can't be made under a spin lock.
func newTicket(t *Thread, kind waitKind, cancellable bool) ticket {
	if t == nil {
		w := goroutineWaiters.Get().(*goroutineWaiter)
		return ticket{w.task.ArmPlain(), &w.waiter}
	}
	t.waits.note(kind)
	return ticket{t.task.Arm(cancellable), &t.waiter}
}

// claim ends the wait for the caller, and reports whether it has: another side may have
// done so before. What the owner is to find then, the caller has written before. If
// blocked is true, too, the caller must call wake, and is pinned until then.
func (k ticket) claim() (won, blocked bool) {
	if t := k.Task(); t != nil {
		threadOf(t).rt().noteWaker()
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
	if k.w != nil {
		k.Wake()
	}
}

// wakeBy is wakeAny for callers that know who they are: t, nil for a plain goroutine.
func (k ticket) wakeBy(t *Thread) {
	if k.w != nil {
		k.WakeBy(t.asTask())
	}
}

// again starts another wait of the same owner after one that was claimed, in place of done
// and newTicket.
func (k ticket) again(cancellable bool) ticket {
	if k.plain() {
		k.Ticket = k.goroutine().task.ArmPlain()
	} else {
		k.Ticket = k.Task().Arm(cancellable)
	}
	return k
}

// thread returns the thread that waits, nil if it is a plain goroutine.
func (k ticket) thread() *Thread {
	if t := k.Task(); t != nil {
		return threadOf(t)
	}
	return nil
}

// node returns the owner's place in a queue, for one that holds nobody twice.
func (k ticket) node() *waitNode[waitDetail] {
	if k.w.node == nil {
		k.w.node = new(waitNode[waitDetail])
	}
	return k.w.node
}

// plain reports whether a plain goroutine waits.
func (k ticket) plain() bool { return k.Task() == nil }

// goroutine returns what the plain goroutine that waits has borrowed.
func (k ticket) goroutine() *goroutineWaiter { return arch.Enclosing[goroutineWaiter](k.w) }

// done ends the wait. No queue may hold the ticket any more.
func (k ticket) done() {
	if k.plain() {
		goroutineWaiters.Put(k.goroutine())
	}
}

// doneAny is done for what may be no ticket, when the caller had no need to wait.
func (k ticket) doneAny() {
	if k.w != nil {
		k.done()
	}
}

// wait blocks the owner until the wait is claimed, or, if it is cancellable, the thread is
// cancelled: then it returns an error that wraps ErrCancelled and the cause.
func (k ticket) wait() error {
	if t := k.thread(); t != nil {
		t.reach(sched.PointWaits)
		if k.Wait() {
			t.rt().control.exitIfBroken()
			return t.cancelCause()
		}
		return nil
	}
	goroutinesWaiting.Add(1)
	k.WaitPlain()
	goroutinesWaiting.Add(-1)
	return nil
}

// giveUp ends the owner's own wait before it blocks. It reports false when another side
// has ended it.
func (k ticket) giveUp() bool {
	won, _ := k.Claim()
	return won
}
