package sched

import (
	"sync"
	"testing"

	"github.com/gvthread/gvthread/arch"
)

// Goroutines enter, find and remove their own fibers at the same time, in a
// table that grows and shrinks under them.
func TestFiberTableConcurrently(t *testing.T) {
	for range 5 {
		var wg sync.WaitGroup
		for range 500 {
			wg.Go(func() {
				for range 5 {
					if fiberOf() != nil {
						t.Error("a goroutine has a fiber that it hasn't entered")
					}
					f := &fiber{}
					registerFiber(f)
					for range 20 {
						if got := fiberOf(); got != f {
							t.Errorf("found %p, entered %p", got, f)
						}
					}
					unregisterFiber()
				}
			})
		}
		wg.Wait()
	}
	if fiberOf() != nil {
		t.Error("a goroutine has a fiber after it has removed it")
	}
}

// The table takes what is put in and gives room back.
func TestFiberTableSize(t *testing.T) {
	size := func() int {
		fiberTab.lock.Lock()
		defer fiberTab.lock.Unlock()
		return len(*fiberTab.tab.Load())
	}
	registerFiber(&fiber{})
	unregisterFiber()
	before := size()
	const n = 5000
	var entered, left sync.WaitGroup
	release := make(chan struct{})
	entered.Add(n)
	for range n {
		left.Go(func() {
			registerFiber(&fiber{})
			entered.Done()
			<-release
			unregisterFiber()
		})
	}
	entered.Wait()
	if got := size(); got < 2*n {
		t.Errorf("a table of %d entries has %d", got, n)
	}
	close(release)
	left.Wait()
	if after := size(); after > max(before, minFiberTable)*4 {
		t.Errorf("the table has %d entries after the end, %d before", after, before)
	}
}

// Entries that collide are all found, also behind one that was removed.
func TestFiberTableCollisions(t *testing.T) {
	entries := make([]fiberEntry, 8)
	first := slot(1000, len(entries))
	var keys []uint64
	for key := uint64(1000); len(keys) < 4; key++ {
		if slot(key, len(entries)) == first {
			keys = append(keys, key)
		}
	}
	want := map[uint64]*fiber{}
	for _, key := range keys {
		want[key] = &fiber{}
		if !insertFiber(entries, key, want[key]) {
			t.Error("an unused entry counts as used")
		}
	}
	find := func(key uint64) *fiber {
		for i := range entries {
			if entries[i].key.Load() == key {
				return entries[i].fiber
			}
		}
		return nil
	}
	for key, f := range want {
		if find(key) != f {
			t.Errorf("the fiber of %d is lost", key)
		}
	}
	for i := range entries {
		if entries[i].key.Load() == keys[1] {
			entries[i].key.Store(removedKey)
		}
	}
	f := &fiber{}
	if insertFiber(entries, keys[1], f) {
		t.Error("a removed entry counts as never used")
	}
	if find(keys[1]) != f {
		t.Error("an entry that was removed is not used again")
	}
	if arch.Getg() == removedKey {
		t.Error("the mark of removed entries is a goroutine's identity")
	}
}
