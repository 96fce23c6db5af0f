package arch

import (
	"sync"
	"testing"
	"unsafe"
)

// Goroutines enter, find and remove their own values at the same time, in a table that
// grows and shrinks under them.
func TestLocalsConcurrently(t *testing.T) {
	defer watchdog(t)()
	var locals Locals[int]
	if locals.Get() != nil {
		t.Error("a goroutine has a value where none was entered")
	}
	for range 5 {
		var wg sync.WaitGroup
		for range 500 {
			wg.Go(func() {
				for range 5 {
					if locals.Get() != nil {
						t.Error("a goroutine has a value that it hasn't entered")
					}
					v := new(int)
					locals.Enter(v)
					for range 20 {
						if got := locals.Get(); got != v {
							t.Errorf("found %p, entered %p", got, v)
						}
					}
					locals.Leave()
				}
			})
		}
		wg.Wait()
	}
	if locals.Get() != nil {
		t.Error("a goroutine has a value after it has removed it")
	}
}

// The table takes what is put in and gives room back.
func TestLocalsSize(t *testing.T) {
	defer watchdog(t)()
	var locals Locals[int]
	size := func() int {
		locals.t.lock.Lock()
		defer locals.t.lock.Unlock()
		return int(locals.t.head.Load().size())
	}
	const n = 5000
	var entered, left sync.WaitGroup
	release := make(chan struct{})
	entered.Add(n)
	for range n {
		left.Go(func() {
			locals.Enter(new(int))
			entered.Done()
			<-release
			locals.Leave()
		})
	}
	entered.Wait()
	if got := size(); got < 2*n {
		t.Errorf("a table of %d entries has %d", got, n)
	}
	close(release)
	left.Wait()
	if after := size(); after > leastLocals*4 {
		t.Errorf("the table has %d entries after the end", after)
	}
}

// Entries that collide are all found, also behind one that was removed.
func TestLocalsCollide(t *testing.T) {
	const size = 8
	head := newLocals(size)
	self := uint64(Getg())
	keys := []uint64{self}
	for key := uint64(1000); len(keys) < 4; key++ {
		if localSlot(key)%size == localSlot(self)%size {
			keys = append([]uint64{key}, keys...) // the goroutine's own comes last
		}
	}
	values := make([]int, len(keys))
	for i, key := range keys {
		if !head.enter(key, unsafe.Pointer(&values[i])) {
			t.Error("an unused entry counts as used")
		}
	}
	own := unsafe.Pointer(&values[len(values)-1])
	if got := findLocal(head); got != own {
		t.Errorf("behind others: found %p, entered %p", got, own)
	}
	for i := range head.size() {
		if e := head.at(i); e.key.Load() == keys[1] {
			e.key.Store(removedKey)
		}
	}
	if got := findLocal(head); got != own {
		t.Errorf("behind one that was removed: found %p, entered %p", got, own)
	}
	if head.enter(keys[1], unsafe.Pointer(&values[0])) {
		t.Error("a removed entry counts as never used")
	}
	if self == removedKey {
		t.Error("the mark of removed entries is a goroutine's identity")
	}
}

// A goroutine that has entered nothing finds nothing, in a table and where there is none.
func TestLocalsOfOthers(t *testing.T) {
	head := newLocals(8)
	head.enter(uint64(Getg())+1, unsafe.Pointer(new(int)))
	if got := findLocal(head); got != nil {
		t.Errorf("found %p, entered nothing", got)
	}
	if got := findLocal(nil); got != nil {
		t.Errorf("found %p, where there is no table", got)
	}
}
