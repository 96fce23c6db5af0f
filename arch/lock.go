package arch

// A Lock guards a few instructions. Its holder is pinned: neither Go nor
// RequestPreempt stops it, so those who wait don't wait long. The holder must
// not block, allocate much, or call anything that the user wrote.
//
// A goroutine that parks may leave its Lock to Park or Switch: it is released, and
// the pin ends, when the goroutine is off its stack.
type Lock struct{ held Word }

// Lock waits until nobody holds l, and holds it.
func (l *Lock) Lock() {
	Pin()
	if !l.held.CompareAndSwap(0, 1) {
		l.wait()
	}
}

// LockPinned is Lock for callers who are pinned, and stay so after UnlockPinned.
func (l *Lock) LockPinned() {
	if !l.held.CompareAndSwap(0, 1) {
		l.wait()
	}
}

// wait is Lock where somebody else holds l.
func (l *Lock) wait() {
	for spins := 0; l.held.Load() != 0 || !l.held.CompareAndSwap(0, 1); spins++ {
		Pause(spins)
	}
}

// TryLock locks l if that takes no waiting.
func (l *Lock) TryLock() bool {
	Pin()
	if l.held.Load() == 0 && l.held.CompareAndSwap(0, 1) {
		return true
	}
	Unpin()
	return false
}

// Unlock releases l. It is no barrier: see Word.
func (l *Lock) Unlock() {
	l.held.Store(0)
	Unpin()
}

// UnlockPinned is Unlock after LockPinned.
func (l *Lock) UnlockPinned() { l.held.Store(0) }
