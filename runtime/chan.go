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

// A chanResult is what came of an attempt to send or receive.
type chanResult uint8

const (
	chanBlocks chanResult = iota // nothing was done
	chanDone                     // the value was passed
	chanClosed                   // nothing was done, nor will be
)

// What the calls return for what came of them.
var (
	sendErrors    = [...]error{chanDone: nil, chanClosed: fmt.Errorf("gv: send: %w", ErrClosed)}
	recvErrors    = [...]error{chanDone: nil, chanClosed: ErrClosed}
	trySendErrors = [...]error{chanBlocks: ErrFull, chanClosed: fmt.Errorf("gv: try to send: %w", ErrClosed)}
	tryRecvErrors = [...]error{chanBlocks: ErrEmpty, chanClosed: ErrClosed}
)

// sendError returns what Send returns for the error of a wait.
func sendError(err error) error {
	if err == ErrClosed {
		return sendErrors[chanClosed]
	}
	return err
}

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
	c.mu.Lock()
	to, result := c.sendLocked(&v)
	if result == chanBlocks {
		if t == nil {
			c.mu.Unlock()
			return c.sendPlain(&v)
		}
		_, err := c.waitLocked(&c.senders, t.newTicket(waitSend, true), &v)
		return sendError(err)
	}
	c.mu.Unlock()
	to.wakeBy(t.asTask())
	Safepoint()
	return sendErrors[result]
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
	c.mu.Lock()
	v, from, result := c.recvLocked()
	if result == chanBlocks {
		if t == nil {
			c.mu.Unlock()
			return c.recvPlain()
		}
		return c.waitLocked(&c.receivers, t.newTicket(waitRecv, true), nil)
	}
	c.mu.Unlock()
	from.wakeBy(t.asTask())
	Safepoint()
	return v, recvErrors[result]
}

// sendPlain is Send in a plain goroutine that has to wait: its ticket can't be made under a
// spin lock, and so it looks once more.
func (c *Chan[T]) sendPlain(v *T) error {
	k := plainTicket()
	c.mu.Lock()
	to, result := c.sendLocked(v)
	if result == chanBlocks {
		_, err := c.waitLocked(&c.senders, k, v)
		return sendError(err)
	}
	c.mu.Unlock()
	to.wakeBy(nil)
	k.done()
	return sendErrors[result]
}

// recvPlain is Recv in a plain goroutine that has to wait, as sendPlain.
func (c *Chan[T]) recvPlain() (T, error) {
	k := plainTicket()
	c.mu.Lock()
	v, from, result := c.recvLocked()
	if result == chanBlocks {
		return c.waitLocked(&c.receivers, k, nil)
	}
	c.mu.Unlock()
	from.wakeBy(nil)
	k.done()
	return v, recvErrors[result]
}

// TrySend is Send if that need not block. Otherwise it returns ErrFull. It does
// not look at cancellation.
func (c *Chan[T]) TrySend(v T) error {
	if c == nil {
		Safepoint()
		return ErrFull
	}
	c.mu.Lock()
	to, result := c.sendLocked(&v)
	c.mu.Unlock()
	to.wakeAny()
	Safepoint()
	return trySendErrors[result]
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
	return v, tryRecvErrors[result]
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
	var chain wakeChain[passing[T]]
	c.mu.Lock()
	for l.first != nil {
		n := l.shift()
		n.detail.served = chanClosed
		if !chain.claim(n) {
			n.detail = passing[T]{}
		}
		chain.relieve(&c.mu)
	}
	c.mu.Unlock()
	chain.wake()
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

// sendLocked sends *v if that need not block. If it has served a receiver, that is
// to be woken after mu is unlocked.
func (c *Chan[T]) sendLocked(v *T) (to ticket, result chanResult) {
	if c.closed {
		return ticket{}, chanClosed
	}
	if c.receivers.first != nil {
		if _, wake, ok := claimPassing(&c.receivers, v); ok {
			return wake, chanDone
		}
	}
	if c.count < len(c.buf) {
		c.put(*v)
		return ticket{}, chanDone
	}
	return ticket{}, chanBlocks
}

// recvLocked receives if that need not block. If it has served a sender, that
// is to be woken after mu is unlocked.
func (c *Chan[T]) recvLocked() (v T, from ticket, result chanResult) {
	var zero T
	if c.count > 0 {
		v, c.buf[c.head] = c.buf[c.head], zero
		if c.head++; c.head == len(c.buf) {
			c.head = 0
		}
		c.count--
		// Once c is closed, who waits to send will be told.
		if c.senders.first != nil && !c.closed {
			if sent, wake, ok := claimPassing(&c.senders, &zero); ok {
				c.put(sent)
				return v, wake, chanDone
			}
		}
		return v, ticket{}, chanDone
	}
	if c.closed {
		return zero, ticket{}, chanClosed
	}
	if c.senders.first != nil {
		if v, wake, ok := claimPassing(&c.senders, &zero); ok {
			return v, wake, chanDone
		}
	}
	return zero, ticket{}, chanBlocks
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

// waitLocked makes the owner of k wait in l, with *v in its node if v is not nil. It unlocks
// mu, and blocks until the node is served or the calling thread is cancelled. It returns the
// value of the node, if it was given one, and ErrClosed or the cancellation.
func (c *Chan[T]) waitLocked(l *waitList[passing[T]], k ticket, v *T) (got T, err error) {
	n := newNode[T](k)
	l.push(n)
	if v != nil {
		n.detail.value = *v
	}
	c.mu.Unlock()
	if err = k.wait(); err != nil {
		c.mu.Lock()
		l.remove(n)
		c.mu.Unlock()
	} else {
		// The node is the owner's: who has claimed the wait has taken it out, and is done
		// with it.
		got = n.detail.value
		if n.detail.served == chanClosed {
			err = ErrClosed
		}
	}
	free(n)
	k.done()
	return got, err
}

// blockForever is what a nil Chan does.
func blockForever(t *Thread) error {
	k := newTicket(t, waitNil, true)
	defer k.done()
	return k.wait()
}
