package gv

import (
	"sync"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// A waiter is a thread or a plain goroutine as the primitives see it: somebody
// who blocks until one of several sides (a sender, an unlocker, a timer, a
// cancellation) makes it run again. A thread has one for all its life; a
// goroutine borrows one for each wait.
type waiter struct {
	// word is generation<<1 | claimed. The owner starts a generation; whoever
	// sets the low bit has won the wait and is the only one to wake the owner.
	word atomic.Uint64
	// thread is the owner, nil for a plain goroutine.
	thread *Thread
	// fiber parks a plain goroutine.
	fiber arch.Fiber
	// err is what the wait returns: written by the claimer before it wakes the
	// owner, read by the owner after.
	err error
	// node is the owner's place in the queue of what it waits for; see
	// waitDetail.
	node waitNode[waitDetail]
}

var goroutineWaiters = sync.Pool{New: func() any { return new(waiter) }}

// A ticket is one wait of one waiter. Primitives keep it in their queues; one
// that is kept too long can't do harm, since its generation is over.
type ticket struct {
	w   *waiter
	gen uint64
}

// newTicket starts a wait of the caller, for what kind says: of t, or of the
// calling goroutine when t is nil. It must be followed by done.
func newTicket(t *Thread, kind waitKind) ticket {
	var w *waiter
	if t != nil {
		w = &t.waiter
		if t.waits.kind.Load() != uint32(kind) { // a store costs more, and it is mostly the same
			t.waits.kind.Store(uint32(kind))
		}
	} else {
		w = goroutineWaiters.Get().(*waiter)
		w.fiber.Bind(arch.Native() == nil)
		w.fiber.BeginPark()
	}
	w.err = nil
	k := ticket{w: w, gen: w.word.Load()>>1 + 1}
	w.word.Store(k.gen << 1)
	return k
}

// claim wins the wait for the caller, who must then call wake. It reports false
// when another side has won it or it is over.
//
// From a successful claim to its wake the caller is pinned, or a low thread
// could be stopped in between and leave the owner, who may be critical, neither
// blocked nor ready. So nothing between the two may block.
func (k ticket) claim() bool {
	arch.Pin()
	if k.w.word.CompareAndSwap(k.gen<<1, k.gen<<1|1) {
		return true
	}
	arch.Unpin()
	return false
}

// wake makes the owner's wait return err. Only the side whose claim succeeded
// calls it, once. It does not yield: an operation that may have woken a thread
// of higher priority ends with a Safepoint.
func (k ticket) wake(err error) {
	k.w.err = err
	if t := k.w.thread; t != nil {
		t.rt.noteWaker()
		t.ready()
	} else {
		k.w.fiber.Ready()
	}
	arch.Unpin()
}

// entrust is wake for a goroutine's ticket, by a thread that has ended and whose
// fiber is about to be idle: it makes the goroutine the fiber's successor, which
// goes on in the fiber's place. It reports false, having done nothing, if the
// fiber has a successor already.
func (k ticket) entrust(f *fiber) bool {
	if !k.plain() || f.successor != nil {
		return false
	}
	f.successor = &k.w.fiber
	arch.Unpin()
	return true
}

// wakeAny is wake for what may be no ticket, when nobody was claimed.
func (k ticket) wakeAny() {
	if k.w != nil {
		k.wake(nil)
	}
}

// thread returns the thread that waits, nil if it is a plain goroutine.
func (k ticket) thread() *Thread { return k.w.thread }

// node returns the owner's place in a queue, for one that holds nobody twice.
func (k ticket) node() *waitNode[waitDetail] { return &k.w.node }

// again starts another wait of the same owner after one that was claimed, in
// place of done and newTicket.
func (k ticket) again() ticket {
	k.w.err = nil
	k.gen++
	k.w.word.Store(k.gen << 1)
	if k.plain() {
		k.w.fiber.BeginPark()
	}
	return k
}

// plain reports whether a plain goroutine waits.
func (k ticket) plain() bool { return k.w.thread == nil }

// done ends the wait. No queue may hold the ticket any more.
func (k ticket) done() {
	if k.w.thread == nil {
		goroutineWaiters.Put(k.w)
	}
}

// doneAny is done for what may be no ticket, when the caller had no need to
// wait.
func (k ticket) doneAny() {
	if k.w != nil {
		k.done()
	}
}

// wait blocks the owner until the wait is claimed, whatever happens to the
// thread meanwhile, and returns what the claimer woke it with.
func (k ticket) wait() error {
	if t := k.w.thread; t != nil {
		t.park()
		return k.w.err
	}
	arch.Pin()
	return k.waitBehind(nil)
}

// waitBehind is wait for a goroutine that has made a thread ready: next, if it isn't
// nil, has got a worker, and is resumed in the goroutine's place. The goroutine is
// pinned.
func (k ticket) waitBehind(next *Thread) error {
	goroutinesWaiting.Add(1)
	if f := &k.w.fiber; next != nil {
		switchTo(f, next)
	} else {
		f.Park()
	}
	goroutinesWaiting.Add(-1)
	return k.w.err
}

// giveUp ends the owner's own wait before it blocks. It reports false when
// another side has won the wait and will wake the owner.
func (k ticket) giveUp() bool {
	if !k.claim() {
		return false
	}
	arch.Unpin()
	return true
}

// waitCancel is wait for calls that end when the calling thread is cancelled;
// the error is then one that wraps ErrCancelled and the cause. In a plain
// goroutine it is wait.
func (k ticket) waitCancel() error {
	t := k.w.thread
	if t == nil {
		return k.wait()
	}
	// The store and the load are ordered against those of Cancel, so that one
	// of the two sides sees the other.
	t.cancellable.Store(k.gen)
	if err := t.cancelCause(); err != nil && k.giveUp() {
		t.cancellable.Store(0)
		return err
	}
	err := k.wait()
	t.cancellable.Store(0)
	return err
}
