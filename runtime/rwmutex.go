package gv

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// An RWMutex is a lock that any number of readers can hold, or one writer;
// threads, plain goroutines, or both. The zero value is an unlocked RWMutex. It
// must not be copied after first use.
//
// Neither side starves: readers that come while a writer waits for readers to leave go after
// it, and readers that wait when a writer unlocks, or come just then, go before the next one. So a reader
// must not call RLock again while it holds the lock: with a writer in between,
// none of the two could go on.
//
// Among themselves, writers are served as by a Mutex, with priority
// inheritance. Readers inherit nothing, nor does a writer from readers: what
// holds up a critical thread for long should not be an RWMutex.
//
// In the terms of the Go memory model, the n'th call of Unlock synchronizes
// before the m'th call of Lock returns, for n < m; and for each call of RLock
// there is an n such that the n'th Unlock synchronizes before that call returns
// and the matching RUnlock synchronizes before the n+1'th Lock returns.
type RWMutex struct {
	// writers is held by the writer: from before it waits for readers to leave
	// until it unlocks.
	writers Mutex
	// state is made of the rw constants below.
	state atomic.Int64

	// mu guards the rest, and the coming and going of rwQueued.
	mu      arch.Lock
	readers waitList[waitDetail]
	// writer waits for the readers to leave, if leaving is set.
	writer  ticket
	leaving bool
}

const (
	// rwWriter: a writer has the lock or waits for the readers to leave; no
	// reader gets in.
	rwWriter = 1 << iota
	// rwHeld: the writer has the lock.
	rwHeld
	// rwQueued: readers are in the queue. Only with rwWriter.
	rwQueued
	// rwReader is one reader inside; the bits from here on count them.
	rwReader
)

// RLock locks rw for reading. Cancellation does not end the wait: use
// RLockContext for that.
func (rw *RWMutex) RLock() {
	if !rw.tryRLock() {
		_ = rw.rlockSlow(forever) // nothing but the lock ends it
	}
	point()
}

// RLockContext is RLock that gives up when ctx ends, with its cause, or when
// the calling thread is cancelled, with an error that wraps ErrCancelled and
// the cause; also if that came before the call. Then rw is not locked by it.
func (rw *RWMutex) RLockContext(ctx context.Context) error {
	if err := ended(Current(), ctx); err != nil {
		return err
	}
	if rw.tryRLock() {
		point()
		return nil
	}
	err := rw.rlockSlow(ctx)
	point()
	return err
}

// TryRLock locks rw for reading if that can be done at once, and reports
// whether it did.
func (rw *RWMutex) TryRLock() bool {
	ok := rw.tryRLock()
	point()
	return ok
}

// tryRLock is TryRLock, but no point.
func (rw *RWMutex) tryRLock() bool {
	for {
		s := rw.state.Load()
		if s&rwWriter != 0 {
			return false
		}
		if rw.state.CompareAndSwap(s, s+rwReader) {
			return true
		}
	}
}

func (rw *RWMutex) rlockSlow(ctx context.Context) error {
	t := Current()
	w := watchContext(t, ctx)
	defer w.stop()
	k := w.ticket(t, waitRead)
	defer k.done()
	n := k.node()
	rw.mu.Lock()
	for {
		if rw.tryRLock() {
			rw.mu.Unlock()
			return nil
		}
		// From here on the writer will not leave without a look at the queue.
		if s := rw.state.Load(); s&rwWriter != 0 && rw.state.CompareAndSwap(s, s|rwQueued) {
			break
		}
	}
	n.k = k
	rw.readers.push(n)
	rw.mu.Unlock()
	err := w.wait(k)
	if err != nil {
		rw.mu.Lock()
		rw.readers.remove(n)
		rw.mu.Unlock()
	}
	return err
}

// RUnlock ends one RLock. It panics if rw is not locked for reading.
func (rw *RWMutex) RUnlock() {
	s := rw.state.Add(-rwReader)
	if s < 0 {
		rw.state.Add(rwReader)
		panic("gv: RUnlock of unlocked RWMutex")
	}
	if s < rwReader && s&(rwWriter|rwHeld) == rwWriter {
		rw.lastReaderLeft()
	}
	point()
}

// lastReaderLeft lets the writer in, if it has begun to wait. If it hasn't, it
// will find that there are no readers.
func (rw *RWMutex) lastReaderLeft() {
	rw.mu.Lock()
	var k ticket
	if rw.leaving && rw.state.Load() < rwReader {
		rw.state.Or(rwHeld) // before the writer can go on
		var ok bool
		if k, ok = rw.writer.claimed(); ok {
			rw.writer, rw.leaving = ticket{}, false
		} else {
			rw.state.And(^rwHeld) // it was cancelled
		}
	}
	rw.mu.Unlock()
	k.wakeAny()
	answer()
}

// Lock locks rw for writing. Cancellation does not end the wait: use LockContext
// for that.
func (rw *RWMutex) Lock() {
	rw.writers.Lock()
	if !rw.state.CompareAndSwap(0, rwWriter|rwHeld) {
		_ = rw.lockSlow(forever) // nothing but the lock ends it
	}
	point()
}

// LockContext is Lock that gives up when ctx ends, with its cause, or when the
// calling thread is cancelled, with an error that wraps ErrCancelled and the
// cause; also if that came before the call. Then rw is not locked by it.
func (rw *RWMutex) LockContext(ctx context.Context) error {
	if err := rw.writers.LockContext(ctx); err != nil {
		return err
	}
	if rw.state.CompareAndSwap(0, rwWriter|rwHeld) {
		point()
		return nil
	}
	err := rw.lockSlow(ctx)
	point()
	return err
}

// TryLock locks rw for writing if that can be done at once, and reports whether
// it did.
func (rw *RWMutex) TryLock() bool {
	if !rw.writers.TryLock() {
		return false
	}
	if rw.state.CompareAndSwap(0, rwWriter|rwHeld) {
		point()
		return true
	}
	rw.writers.Unlock()
	return false
}

// lockSlow keeps new readers out and waits for those inside to leave. The
// caller holds writers, which it loses if an error is returned.
func (rw *RWMutex) lockSlow(ctx context.Context) error {
	t := Current()
	w := watchContext(t, ctx)
	defer w.stop()
	k := w.ticket(t, waitReaders)
	defer k.done()
	rw.mu.Lock()
	if rw.state.Or(rwWriter) < rwReader {
		rw.state.Or(rwHeld)
		rw.mu.Unlock()
		return nil
	}
	rw.writer, rw.leaving = k, true
	rw.mu.Unlock()
	err := w.wait(k)
	if err != nil {
		rw.mu.Lock()
		rw.writer, rw.leaving = ticket{}, false
		rw.release()
	}
	return err
}

// Unlock ends a Lock. It panics if rw is not locked for writing.
func (rw *RWMutex) Unlock() {
	if rw.state.CompareAndSwap(rwWriter|rwHeld, 0) {
		rw.writers.Unlock()
		return
	}
	rw.mu.Lock()
	if rw.state.Load()&rwHeld == 0 {
		rw.mu.Unlock()
		panic("gv: Unlock of unlocked RWMutex")
	}
	rw.release()
}

// release lets all readers in that wait, and then the next writer try. The
// caller is the writer; it holds mu, which release unlocks.
func (rw *RWMutex) release() {
	// A reader counts before it can go on. As long as the writer's bits stand, none that
	// leaves looks for a writer.
	var chain wakeChain[waitDetail]
	for n := rw.readers.first; n != nil; n = rw.readers.first {
		rw.readers.remove(n)
		rw.state.Add(rwReader)
		if !chain.claim(n) {
			rw.state.Add(-rwReader)
		}
	}
	rw.state.And(^(rwWriter | rwHeld | rwQueued))
	rw.mu.Unlock()
	chain.wake()
	rw.writers.Unlock()
	answer()
}

// RLocker returns a Locker whose Lock and Unlock are RLock and RUnlock.
func (rw *RWMutex) RLocker() sync.Locker { return (*readLocker)(rw) }

type readLocker RWMutex

func (r *readLocker) Lock()   { (*RWMutex)(r).RLock() }
func (r *readLocker) Unlock() { (*RWMutex)(r).RUnlock() }
