//go:build !amd64 && !arm64

package arch

import (
	"sync/atomic"
	"unsafe"
)

// findLocal returns the calling goroutine's value in the table that head is the head of;
// nil if it has none, or there is no table.
func findLocal(head *localEntry) unsafe.Pointer {
	if head == nil {
		return nil
	}
	key := uint64(Getg())
	for i := localSlot(key); ; i++ {
		e := head.at(i)
		switch e.key.Load() {
		case key:
			return atomic.LoadPointer(&e.value) // somebody may be taking it away
		case 0:
			return nil
		}
	}
}
