package sched

import (
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// fiberTab maps the identity of a goroutine to its fiber: it is how code that runs
// in a goroutine learns which task it is.
//
// It is an open-addressed hash table that is read without a lock. A goroutine
// looks only for itself, and its own entry is put in by itself before the first
// look and taken out by itself after the last, so a reader can't see an entry
// of its own come or go; those of others it passes over. Writers hold the lock.
// A table that has become too full is replaced as a whole.
var fiberTab fiberTable

type fiberTable struct {
	lock arch.Lock
	live int // entries in use
	used int // entries in use or removed
	tab  atomic.Pointer[[]fiberEntry]
}

// The key is written after the fiber, and cleared before it: who finds its key finds its
// fiber.
type fiberEntry struct {
	key   arch.Word64
	fiber *fiber
}

// removedKey marks an entry that was in use. No goroutine's identity is 1.
const removedKey = 1

// slot returns where the search for key begins.
func slot(key uint64, size int) int {
	return int((key*0x9E3779B97F4A7C15)>>32) & (size - 1)
}

// fiberOf returns the calling goroutine's fiber, nil if it is none.
func fiberOf() *fiber {
	tab := fiberTab.tab.Load()
	if tab == nil {
		return nil
	}
	entries := *tab
	key := uint64(arch.Getg())
	for i := slot(key, len(entries)); ; i = (i + 1) & (len(entries) - 1) {
		e := &entries[i]
		switch e.key.Load() {
		case key:
			return e.fiber
		case 0:
			return nil
		}
	}
}

// registerFiber enters f under the calling goroutine, which carries it.
func registerFiber(f *fiber) {
	key := uint64(arch.Getg())
	fiberTab.lock.Lock()
	for fiberTab.fullLocked() {
		fiberTab.resize()
	}
	if insertFiber(*fiberTab.tab.Load(), key, f) {
		fiberTab.used++
	}
	fiberTab.live++
	fiberTab.lock.Unlock()
}

// fullLocked reports whether another entry would make the table too full.
func (ft *fiberTable) fullLocked() bool {
	tab := ft.tab.Load()
	return tab == nil || ft.used*2 >= len(*tab)
}

// insertFiber enters f into a table with room and reports whether it took an
// entry that had never been used.
func insertFiber(entries []fiberEntry, key uint64, f *fiber) bool {
	for i := slot(key, len(entries)); ; i = (i + 1) & (len(entries) - 1) {
		e := &entries[i]
		if k := e.key.Load(); k == 0 || k == removedKey {
			e.fiber = f
			e.key.Store(key)
			return k == 0
		}
	}
}

// unregisterFiber removes the calling goroutine's entry.
func unregisterFiber() {
	key := uint64(arch.Getg())
	fiberTab.lock.Lock()
	entries := *fiberTab.tab.Load()
	for i := slot(key, len(entries)); ; i = (i + 1) & (len(entries) - 1) {
		if e := &entries[i]; e.key.Load() == key {
			e.key.Store(removedKey)
			e.fiber = nil
			break
		}
	}
	fiberTab.live--
	if fiberTab.live*16 < len(entries) && len(entries) > minFiberTable {
		fiberTab.resize()
	}
	fiberTab.lock.Unlock()
}

const minFiberTable = 64

// resize replaces the table by one that is at most a quarter full, unless the
// table has changed too much by the time that there is memory for it. It is
// called with the lock held, and holds it on return, but not throughout: memory
// for many fiberTab takes a while to get.
func (ft *fiberTable) resize() {
	size := minFiberTable
	for size < 4*ft.live {
		size *= 2
	}
	ft.lock.Unlock()
	entries := make([]fiberEntry, size)
	ft.lock.Lock()
	if 2*ft.live >= size {
		return
	}
	if tab := ft.tab.Load(); tab != nil && len(*tab) <= size && !ft.fullLocked() {
		return // somebody else has done it, and as well
	}
	ft.used = 0
	if old := ft.tab.Load(); old != nil {
		for i := range *old {
			e := &(*old)[i]
			if k := e.key.Load(); k > removedKey {
				insertFiber(entries, k, e.fiber)
				ft.used++
			}
		}
	}
	ft.tab.Store(&entries)
}
