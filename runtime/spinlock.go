package gv

import (
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// A spinLock guards a few instructions. Its holder is pinned: neither Go nor
// the Monitor preempts it, so those who wait don't wait long. The holder must
// not block, allocate much, or call anything that the user wrote.
type spinLock struct {
	held atomic.Uint32
}

func (l *spinLock) lock() {
	arch.Pin()
	for spins := 0; !l.held.CompareAndSwap(0, 1); spins++ {
		arch.Pause(spins)
	}
}

// tryLock locks l if that takes no waiting.
func (l *spinLock) tryLock() bool {
	arch.Pin()
	if l.held.CompareAndSwap(0, 1) {
		return true
	}
	arch.Unpin()
	return false
}

func (l *spinLock) unlock() {
	l.held.Store(0)
	arch.Unpin()
}
