package arch

import (
	"runtime"
	"sync"
	"sync/atomic"
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
					if old := locals.Enter(v); old != nil {
						t.Error("there is an old value where none was entered")
					}
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
	var table localTable
	table.head.Store(head)
	self := uint64(Getg())
	keys := []uint64{self}
	for key := uint64(1000); len(keys) < 4; key++ {
		if localSlot(key)%size == localSlot(self)%size {
			keys = append([]uint64{key}, keys...) // the goroutine's own comes last
		}
	}
	values := make([]int, len(keys))
	for i, key := range keys {
		if was, old := head.enter(key, unsafe.Pointer(&values[i])); was != 0 || old != nil {
			t.Errorf("an unused entry was of %d, with %p", was, old)
		}
	}
	own := unsafe.Pointer(&values[len(values)-1])
	if got := findLocal(&table); got != own {
		t.Errorf("behind others: found %p, entered %p", got, own)
	}
	for i := range head.size() {
		if e := head.at(i); e.key.Load() == keys[1] {
			e.key.Store(removedKey)
		}
	}
	if got := findLocal(&table); got != own {
		t.Errorf("behind one that was removed: found %p, entered %p", got, own)
	}
	if was, old := head.enter(self, unsafe.Pointer(&values[0])); was != self || old != own {
		t.Errorf("entered again behind a removed entry: it was of %d, with %p", was, old)
	}
	if was, _ := head.enter(keys[1], unsafe.Pointer(&values[0])); was != removedKey {
		t.Errorf("a removed entry was of %d", was)
	}
	if self == removedKey {
		t.Error("the mark of removed entries is a goroutine's identity")
	}
}

// A goroutine that has entered nothing finds nothing, in a table and where there is none.
func TestLocalsOfOthers(t *testing.T) {
	var table localTable
	if got := findLocal(&table); got != nil {
		t.Errorf("found %p, where there is no table", got)
	}
	table.head.Store(newLocals(8))
	table.head.Load().enter(uint64(Getg())+1, unsafe.Pointer(new(int)))
	if got := findLocal(&table); got != nil {
		t.Errorf("found %p, entered nothing", got)
	}
}

// A value stays until another one replaces it, or somebody takes it away; and what was taken
// away takes no room in the next table.
func TestLocalsForget(t *testing.T) {
	defer watchdog(t)()
	var locals Locals[int]
	first, second := new(int), new(int)
	locals.Enter(first)
	if old := locals.Enter(second); old != first || locals.Get() != second {
		t.Errorf("entered %p, then %p: the old one is %p, and the value %p", first, second, old, locals.Get())
	}
	locals.Forget(func(v *int) bool { return v == first })
	if got := locals.Get(); got != second {
		t.Errorf("another value was taken away: found %p, entered %p", got, second)
	}
	locals.Forget(func(v *int) bool { return v == second })
	if got := locals.Get(); got != nil {
		t.Errorf("found %p after it was taken away", got)
	}
	locals.t.lock.Lock()
	locals.t.used = leastLocals // full
	locals.t.resize()
	live, used := locals.t.live, locals.t.used
	locals.t.lock.Unlock()
	if live != 0 || used != 0 {
		t.Errorf("a new table has %d entries, %d of them in use", used, live)
	}
	if old := locals.Enter(first); old != nil || locals.Get() != first {
		t.Errorf("entered %p after that: the old one is %p, and the value %p", first, old, locals.Get())
	}
	locals.Leave()
}

// Goroutines whose values are taken away by others find their own or none.
func TestLocalsForgetConcurrently(t *testing.T) {
	defer watchdog(t)()
	var locals Locals[int]
	var stop atomic.Bool
	var forgetter, wg sync.WaitGroup
	forgetter.Go(func() {
		for !stop.Load() {
			locals.Forget(func(*int) bool { return true })
			runtime.Gosched()
		}
	})
	for range 50 {
		wg.Go(func() {
			for range 200 {
				v := new(int)
				locals.Enter(v)
				for range 5 {
					if got := locals.Get(); got != nil && got != v {
						t.Errorf("found %p, entered %p", got, v)
					}
				}
			}
		})
	}
	wg.Wait()
	stop.Store(true)
	forgetter.Wait()
}
