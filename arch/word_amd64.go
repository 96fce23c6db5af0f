//go:build !race

package arch

import "sync/atomic"

// A Word is a number that one side writes, mostly under a lock, and others read
// at any time. A Store is ordered after what its writer did before, and that is
// all: it is no barrier between the Store and later loads, as those of sync/atomic
// are. Where a Store must be seen by others before the writer looks at what they
// do, it takes Publish.
//
// On amd64 every store of a whole word is ordered so, and sync/atomic's, which is
// an XCHG, costs as much as a compare-and-swap. The compiler keeps the order of
// stores to memory, and makes each of them.
type Word struct{ v uint32 }

// Load returns the number.
func (w *Word) Load() uint32 { return atomic.LoadUint32(&w.v) }

// Store sets it.
func (w *Word) Store(v uint32) { w.v = v }

// Publish is a Store that is a barrier, as those of sync/atomic are.
func (w *Word) Publish(v uint32) { atomic.StoreUint32(&w.v, v) }

// CompareAndSwap is that of sync/atomic.
func (w *Word) CompareAndSwap(old, new uint32) bool {
	return atomic.CompareAndSwapUint32(&w.v, old, new)
}

// A Word64 is a Word of 64 bits.
type Word64 struct{ v uint64 }

// Load returns the number.
func (w *Word64) Load() uint64 { return atomic.LoadUint64(&w.v) }

// Store sets it.
func (w *Word64) Store(v uint64) { w.v = v }

// CompareAndSwap is that of sync/atomic.
func (w *Word64) CompareAndSwap(old, new uint64) bool {
	return atomic.CompareAndSwapUint64(&w.v, old, new)
}

// Add is that of sync/atomic.
func (w *Word64) Add(delta uint64) uint64 { return atomic.AddUint64(&w.v, delta) }
