package gv

import "sync/atomic"

// A rareState is what most threads never have. It is made when the first of it is needed,
// and then it is the thread's.
type rareState struct {
	// cancelledBy is set once, by the first cancellation.
	cancelledBy atomic.Pointer[cancellation]
	// context is made, under the lock of the lifecycle, when somebody first asks for Done of
	// the thread's context.
	context atomic.Pointer[contextState]
	// doneC is closed at the thread's end. It is made when somebody first asks for it before,
	// and fixed from then on. It and panic are guarded by the lock of the lifecycle.
	doneC chan struct{}
	panic *unseenPanic
	// blocked is the Mutex in whose queue the thread is, nil if none. It changes under that
	// mutex's lock.
	blocked atomic.Pointer[Mutex]
	// semaphore is the Semaphore that the thread waits for, nil if none. It changes under
	// that one's lock.
	semaphore atomic.Pointer[Semaphore]
}

// needRare returns t's rareState, which it makes if there is none.
func (t *Thread) needRare() *rareState {
	r := t.rare.Load()
	if r == nil {
		r = new(rareState)
		if !t.rare.CompareAndSwap(nil, r) {
			r = t.rare.Load()
		}
	}
	return r
}

// cancellation returns how t was cancelled, nil if it was not.
func (t *Thread) cancellation() *cancellation {
	if r := t.rare.Load(); r != nil {
		return r.cancelledBy.Load()
	}
	return nil
}

// madeContext returns the state behind t's context, nil if there is none.
func (t *Thread) madeContext() *contextState {
	if r := t.rare.Load(); r != nil {
		return r.context.Load()
	}
	return nil
}

// unseenPanic returns the panic that nobody waited for when it happened, nil if there is none.
// The caller holds the lock of the lifecycle, or was woken at the end of the thread.
func (t *Thread) unseenPanic() *unseenPanic {
	if r := t.rare.Load(); r != nil {
		return r.panic
	}
	return nil
}

// blockedOn returns the Mutex in whose queue t is, nil if none.
func (t *Thread) blockedOn() *Mutex {
	if r := t.rare.Load(); r != nil {
		return r.blocked.Load()
	}
	return nil
}

// semaphore returns the Semaphore that t waits for, nil if none.
func (t *Thread) semaphore() *Semaphore {
	if r := t.rare.Load(); r != nil {
		return r.semaphore.Load()
	}
	return nil
}
