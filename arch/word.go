//go:build !amd64 || race

package arch

import "sync/atomic"

// A Word is a number that one side writes, mostly under a lock, and others read
// at any time. A Store is ordered after what its writer did before, and that is
// all: it is no barrier between the Store and later loads, as those of sync/atomic
// are. Where a Store must be seen by others before the writer looks at what they
// do, it takes Publish.
type Word struct{ v atomic.Uint32 }

// Load returns the number.
func (w *Word) Load() uint32 { return w.v.Load() }

// Store sets it.
func (w *Word) Store(v uint32) { w.v.Store(v) }

// Publish is a Store that is a barrier, as those of sync/atomic are.
func (w *Word) Publish(v uint32) { w.v.Store(v) }

// CompareAndSwap is that of sync/atomic.
func (w *Word) CompareAndSwap(old, new uint32) bool { return w.v.CompareAndSwap(old, new) }

// A Word64 is a Word of 64 bits.
type Word64 struct{ v atomic.Uint64 }

// Load returns the number.
func (w *Word64) Load() uint64 { return w.v.Load() }

// Store sets it.
func (w *Word64) Store(v uint64) { w.v.Store(v) }

// CompareAndSwap is that of sync/atomic.
func (w *Word64) CompareAndSwap(old, new uint64) bool { return w.v.CompareAndSwap(old, new) }

// Add is that of sync/atomic.
func (w *Word64) Add(delta uint64) uint64 { return w.v.Add(delta) }
