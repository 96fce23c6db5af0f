package gv

import (
	"fmt"
	"iter"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// A Chan is a channel between threads, plain goroutines, or both. It is what
// chan is in Go, except that a closed channel and a cancelled thread show as
// errors: receiving from a closed Chan gives ErrClosed where Go gives a second
// value, sending on one gives an error where Go panics, and a thread that is
// cancelled stops waiting.
//
// NewChan makes a Chan. The zero Chan is an unbuffered one, and a nil *Chan
// blocks for ever. A Chan must not be copied after first use.
//
// Values are received in the order in which they were sent. Senders that wait
// are served in the order of their arrival, and so are receivers; priorities
// play no part.
//
// In the terms of the Go memory model: a send synchronizes before the receive
// of its value returns; Close synchronizes before a receive that returns
// ErrClosed because of it; and the k'th receive from a Chan of capacity c
// synchronizes before the (k+c)'th send returns.
type Chan[T any] struct {
	chanCore
	// All below is guarded by mu.

	// buf is a ring that holds count values from head on.
	buf         []T
	head, count int
	receivers   waitList[passing[T]]
	senders     waitList[passing[T]]
}

// chanCore is the part of a Chan that doesn't depend on the type of its values.
type chanCore struct {
	_      noCopy
	mu     arch.Lock
	closed bool // by Close; guarded by mu
	// rank orders channels that are locked together, see Select. It is 0 until
	// it is first needed.
	rank atomic.Uint64
}

// passing is what a Chan keeps about a wait.
type passing[T any] struct {
	// value is what a sender offers, or what a receiver was given.
	value T
	// served is how the wait was ended by this Chan: chanDone or chanClosed; chanBlocks
	// if it was not, or not yet. It tells Select which of its cases it was.
	served chanResult
}

// A chanResult is what came of an attempt to send or receive.
type chanResult uint8

const (
	chanBlocks chanResult = iota // nothing was done
	chanDone                     // the value was passed
	chanClosed                   // nothing was done, nor will be
)

var (
	errSendClosed    = fmt.Errorf("gv: send: %w", ErrClosed)
	errTrySendClosed = fmt.Errorf("gv: try to send: %w", ErrClosed)
)

// NewChan returns a Chan whose buffer holds capacity values; with 0 it is
// unbuffered. It panics if capacity is negative.
func NewChan[T any](capacity int) *Chan[T] {
	if capacity < 0 {
		panic(fmt.Sprintf("gv: NewChan: negative capacity %d", capacity))
	}
	return &Chan[T]{buf: make([]T, capacity)}
}

// Send passes v to a receiver or puts it into the buffer, and blocks until one
// of the two can be done. It returns an error that wraps ErrClosed if c is
// closed, also if that happens while it waits, and one that wraps ErrCancelled
// and the cause if the calling thread is cancelled, before the call or while it
// waits. On an error v was not sent.
func (c *Chan[T]) Send(v T) error {
	t := Current()
	if err := t.cancelCause(); err != nil {
		Safepoint()
		return err
	}
	if c == nil {
		return blockForever(t)
	}
	var k ticket
	for {
		c.mu.Lock()
		to, result := c.sendLocked(v)
		switch {
		case result != chanBlocks:
			c.mu.Unlock()
			to.wakeBy(t)
			k.doneAny()
			Safepoint()
			if result == chanClosed {
				return errSendClosed
			}
			return nil
		case t != nil:
			k = newTicket(t, waitSend, true)
		case k.w == nil:
			// A goroutine's ticket can't be made under a spin lock.
			c.mu.Unlock()
			k = newTicket(nil, waitSend, false)
			continue
		}
		n := c.enqueueLocked(&c.senders, k)
		n.detail.value = v
		c.mu.Unlock()
		_, err := c.await(&c.senders, n)
		if err == ErrClosed {
			err = errSendClosed
		}
		return err
	}
}

// Recv takes a value from the buffer or from a sender, and blocks until there
// is one. It returns ErrClosed if c is closed and nothing is left in it, and an
// error that wraps ErrCancelled and the cause if the calling thread is
// cancelled, before the call or while it waits. With an error it returns the
// zero value, and nothing was taken.
func (c *Chan[T]) Recv() (T, error) {
	t := Current()
	if err := t.cancelCause(); err != nil {
		Safepoint()
		var zero T
		return zero, err
	}
	if c == nil {
		var zero T
		return zero, blockForever(t)
	}
	var k ticket
	for {
		c.mu.Lock()
		v, from, result := c.recvLocked()
		switch {
		case result != chanBlocks:
			c.mu.Unlock()
			from.wakeBy(t)
			k.doneAny()
			Safepoint()
			if result == chanClosed {
				return v, ErrClosed
			}
			return v, nil
		case t != nil:
			k = newTicket(t, waitRecv, true)
		case k.w == nil:
			// A goroutine's ticket can't be made under a spin lock.
			c.mu.Unlock()
			k = newTicket(nil, waitRecv, false)
			continue
		}
		n := c.enqueueLocked(&c.receivers, k)
		c.mu.Unlock()
		return c.await(&c.receivers, n)
	}
}

// TrySend is Send if that need not block. Otherwise it returns ErrFull. It does
// not look at cancellation.
func (c *Chan[T]) TrySend(v T) error {
	if c == nil {
		Safepoint()
		return ErrFull
	}
	c.mu.Lock()
	to, result := c.sendLocked(v)
	c.mu.Unlock()
	to.wakeAny()
	Safepoint()
	switch result {
	case chanDone:
		return nil
	case chanClosed:
		return errTrySendClosed
	}
	return ErrFull
}

// TryRecv is Recv if that need not block. Otherwise it returns ErrEmpty. It does
// not look at cancellation.
func (c *Chan[T]) TryRecv() (T, error) {
	if c == nil {
		Safepoint()
		var zero T
		return zero, ErrEmpty
	}
	c.mu.Lock()
	v, from, result := c.recvLocked()
	c.mu.Unlock()
	from.wakeAny()
	Safepoint()
	switch result {
	case chanDone:
		return v, nil
	case chanClosed:
		return v, ErrClosed
	}
	return v, ErrEmpty
}

// Close closes c. Values in its buffer can still be received; sending fails
// from now on, also for senders that wait. Close panics if c is nil or closed
// already.
func (c *Chan[T]) Close() {
	if c == nil {
		panic("gv: close of nil Chan")
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		panic("gv: close of closed Chan")
	}
	c.closed = true
	c.mu.Unlock()
	c.dismiss(&c.receivers)
	c.dismiss(&c.senders)
	Safepoint()
}

// dismiss ends the waits in l, of a Chan that has been closed: nobody joins l
// any more. What receivers wait for is not in the buffer, or they would not
// wait.
func (c *Chan[T]) dismiss(l *waitList[passing[T]]) {
	for {
		c.mu.Lock()
		_, wake, ok := claimPassing(l, nil)
		c.mu.Unlock()
		if !ok {
			return
		}
		wake.wakeAny()
	}
}

// claimPassing claims the first wait in l that is still to be had, and passes *v to it, or,
// if v is nil, tells it that the Chan is closed. It returns the value that was in the node,
// which a sender offers, and a ticket to wake, if that is needed; false if there is none.
// The caller holds the lock that guards l.
func claimPassing[T any](l *waitList[passing[T]], v *T) (value T, wake ticket, ok bool) {
	var zero T
	for n := l.first; n != nil; n = l.first {
		l.remove(n)
		// Once the wait is claimed, its owner may go on with the node.
		value = n.detail.value
		n.detail.served = chanClosed
		if v != nil {
			n.detail.value, n.detail.served = *v, chanDone
		}
		if wake, ok = n.k.claimed(); ok {
			return value, wake, true
		}
		n.detail = passing[T]{}
	}
	return zero, ticket{}, false
}

// Len returns the number of values in the buffer; 0 for a nil Chan.
func (c *Chan[T]) Len() int {
	if c == nil {
		return 0
	}
	c.mu.Lock()
	n := c.count
	c.mu.Unlock()
	point()
	return n
}

// Cap returns the capacity of the buffer; 0 for a nil Chan.
func (c *Chan[T]) Cap() int {
	if c == nil {
		return 0
	}
	return len(c.buf)
}

// All returns an iterator that receives from c until Recv returns an error:
// until c is closed and drained, or the thread that iterates is cancelled. The
// thread's context tells the two apart.
func (c *Chan[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			v, err := c.Recv()
			if err != nil || !yield(v) {
				return
			}
		}
	}
}

// sendLocked sends if that need not block. If it has served a receiver, that is
// to be woken after mu is unlocked.
func (c *Chan[T]) sendLocked(v T) (to ticket, result chanResult) {
	if c.closed {
		return ticket{}, chanClosed
	}
	if _, wake, ok := claimPassing(&c.receivers, &v); ok {
		return wake, chanDone
	}
	if c.count < len(c.buf) {
		c.put(v)
		return ticket{}, chanDone
	}
	return ticket{}, chanBlocks
}

// recvLocked receives if that need not block. If it has served a sender, that
// is to be woken after mu is unlocked.
func (c *Chan[T]) recvLocked() (v T, from ticket, result chanResult) {
	if c.count == 0 {
		if c.closed {
			return v, ticket{}, chanClosed
		}
		var zero T
		if v, wake, ok := claimPassing(&c.senders, &zero); ok {
			return v, wake, chanDone
		}
		return zero, ticket{}, chanBlocks
	}
	var zero T
	v, c.buf[c.head] = c.buf[c.head], zero
	if c.head++; c.head == len(c.buf) {
		c.head = 0
	}
	c.count--
	if c.closed {
		return v, ticket{}, chanDone // who waits to send will be told
	}
	if sent, wake, ok := claimPassing(&c.senders, &zero); ok {
		c.put(sent)
		return v, wake, chanDone
	}
	return v, ticket{}, chanDone
}

// put adds v to the buffer, which has room.
func (c *Chan[T]) put(v T) {
	i := c.head + c.count
	if i >= len(c.buf) {
		i -= len(c.buf)
	}
	c.buf[i] = v
	c.count++
}

// enqueueLocked adds a wait to l.
func (c *Chan[T]) enqueueLocked(l *waitList[passing[T]], k ticket) *waitNode[passing[T]] {
	n := spareNode[passing[T]](k.w)
	n.k = k
	l.push(n)
	return n
}

// await blocks until n, which is in l, is served or the calling thread is
// cancelled. It returns the value of the node, if it was given one, and
// ErrClosed or the cancellation.
func (c *Chan[T]) await(l *waitList[passing[T]], n *waitNode[passing[T]]) (v T, err error) {
	k := n.k
	if err = k.wait(); err != nil {
		c.mu.Lock()
		l.remove(n)
		c.mu.Unlock()
	} else {
		// The node is the owner's: who has claimed the wait has taken it out, and is done
		// with it.
		v = n.detail.value
		if n.detail.served == chanClosed {
			err = ErrClosed
		}
	}
	keepNode(k.w, n)
	k.done()
	return v, err
}

// blockForever is what a nil Chan does.
func blockForever(t *Thread) error {
	k := newTicket(t, waitNil, true)
	defer k.done()
	return k.wait()
}
