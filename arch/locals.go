package arch

import (
	"sync/atomic"
	"unsafe"
)

// Locals has a value for each goroutine that has settled with one, or has entered one: it is
// how code that runs in a goroutine learns whose it is.
type Locals[T any] struct{ t localTable }

// Get returns the calling goroutine's value, nil if it has none.
func (l *Locals[T]) Get() *T {
	v := findLocal(&l.t)
	raceInherit(v)
	return (*T)(v)
}

// Settle makes v the calling goroutine's value until Unsettle, which must follow before its
// end. Until then v may not be garbage. A goroutine settles in one Locals, and enters no
// value there meanwhile.
//
// Where the Native engine's layout tells how, the value is on the goroutine's stack: to look
// it up takes less than to look up that of Enter, and a million goroutines share no table.
// Elsewhere Settle is Enter. It returns what that does.
func (l *Locals[T]) Settle(v *T) (old *T) {
	if Native() != nil {
		return l.Enter(v)
	}
	if l.Get() != nil {
		old = l.Enter(v)
		l.Leave()
	}
	settle(&l.t, unsafe.Pointer(v))
	return old
}

// Unsettle takes the value away with which the calling goroutine has settled. It ends then.
func (l *Locals[T]) Unsettle() {
	if Native() != nil {
		l.Leave()
		return
	}
	settle(&l.t, nil)
}

// Enter makes v the calling goroutine's value, and returns the one that it had, nil if none.
// That may be another goroutine's, which has ended after Keep: Go has made this one of what
// was left of it.
func (l *Locals[T]) Enter(v *T) (old *T) { return (*T)(l.t.enter(uint64(Getg()), unsafe.Pointer(v))) }

// Keep says that the calling goroutine may end without Leave. Its value, v, is then that of
// the next one that Go makes of it.
func (l *Locals[T]) Keep(v *T) { raceBequeath(unsafe.Pointer(v)) }

// Leave removes the calling goroutine's value. It must have one.
func (l *Locals[T]) Leave() { l.t.leave(uint64(Getg())) }

// Forget takes away the values that which chooses, of whatever goroutine. Their goroutines
// have none then, or still the old one if they have just looked. which is called with a lock
// held.
func (l *Locals[T]) Forget(which func(v *T) bool) {
	l.t.forget(func(v unsafe.Pointer) bool { return which((*T)(v)) })
}

// A localTable is an open-addressed hash table that is read without a lock, by findLocal. A
// goroutine looks so only for itself, and its own entry is put in by itself before the first
// look and taken out by itself after the last, so a reader can't see an entry of its own come
// or go; those of others it passes over. Only the value may be taken away by others, and the
// entry stays until the table is replaced: nobody else has it before. All others hold the
// lock. A table that has become too full is replaced as a whole.
type localTable struct {
	lock Lock
	live int // entries with values
	used int // entries with values or without, that have had one
	// head is nil before the first enter.
	head atomic.Pointer[localEntry]
}

// A localEntry is one of a table. The key is written after the value, and cleared before
// it: who finds its key finds its value. The first entry is the head of the table: its key
// is the number of the others, a power of two, less one.
type localEntry struct {
	key   Word64
	value unsafe.Pointer
}

const (
	// removedKey marks an entry that was in use. No goroutine's identity is 1.
	removedKey = 1
	// spread is what keys are multiplied by, which differ in few bits: the golden ratio.
	spread = 0x9E3779B97F4A7C15
	// leastLocals is the size of the smallest table.
	leastLocals = 64
)

// newLocals makes a table of so many entries, a power of two, and returns its head.
func newLocals(size uint64) *localEntry {
	head := &make([]localEntry, size+1)[0]
	head.key.Store(size - 1)
	return head
}

// size returns how many entries there are in the table that head is the head of.
func (head *localEntry) size() uint64 { return head.key.Load() + 1 }

// at returns entry i of the table, where i counts on from the first behind the last.
func (head *localEntry) at(i uint64) *localEntry {
	i &= head.key.Load()
	return (*localEntry)(unsafe.Add(unsafe.Pointer(head), (i+1)*uint64(unsafe.Sizeof(*head))))
}

// localSlot is where the search for key begins.
func localSlot(key uint64) uint64 { return key * spread >> 32 }

// enter enters v into a table with room, and returns the key of the entry that it took: key
// if it had one, removedKey, or 0 if the entry had never been used; and the value that was
// there.
func (head *localEntry) enter(key uint64, v unsafe.Pointer) (was uint64, old unsafe.Pointer) {
	var e *localEntry
	for i := localSlot(key); ; i++ {
		here := head.at(i)
		k := here.key.Load()
		if k == key || e == nil && k <= removedKey {
			e, was = here, k
		}
		if k == key || k == 0 {
			break
		}
	}
	old, e.value = e.value, v
	e.key.Store(key)
	return was, old
}

// entry returns the entry of key, nil if there is none. The caller has locked the table, or
// looks for its own.
func (head *localEntry) entry(key uint64) *localEntry {
	for i := localSlot(key); ; i++ {
		e := head.at(i)
		switch e.key.Load() {
		case key:
			return e
		case 0:
			return nil
		}
	}
}

// find returns the value for key, nil if there is none. The caller is entry's.
func (head *localEntry) find(key uint64) unsafe.Pointer {
	if head == nil {
		return nil
	}
	e := head.entry(key)
	if e == nil {
		return nil
	}
	return atomic.LoadPointer(&e.value) // somebody may be taking it away
}

func (t *localTable) find(key uint64) unsafe.Pointer {
	t.lock.Lock()
	v := t.head.Load().find(key)
	t.lock.Unlock()
	return v
}

func (t *localTable) enter(key uint64, v unsafe.Pointer) (old unsafe.Pointer) {
	t.lock.Lock()
	for t.fullLocked() {
		t.resize()
	}
	was, old := t.head.Load().enter(key, v)
	if was == 0 {
		t.used++
	}
	if old == nil {
		t.live++
	}
	t.lock.Unlock()
	return old
}

func (t *localTable) forget(which func(unsafe.Pointer) bool) {
	t.lock.Lock()
	defer t.lock.Unlock()
	head := t.head.Load()
	if head == nil {
		return
	}
	for i := range head.size() {
		if e := head.at(i); e.value != nil && which(e.value) {
			e.value = nil
			t.live--
		}
	}
	t.shrinkLocked()
}

func (t *localTable) leave(key uint64) {
	t.lock.Lock()
	e := t.head.Load().entry(key)
	e.key.Store(removedKey)
	e.value = nil
	t.live--
	t.shrinkLocked()
	t.lock.Unlock()
}

// shrinkLocked replaces the table if it has become too large for what is in it.
func (t *localTable) shrinkLocked() {
	if size := int(t.head.Load().size()); t.live*16 < size && size > leastLocals {
		t.resize()
	}
}

// fullLocked reports whether another entry would make the table too full.
func (t *localTable) fullLocked() bool {
	head := t.head.Load()
	return head == nil || t.used*2 >= int(head.size())
}

// resize replaces the table by one that is at most a quarter full, unless the table has
// changed too much by the time that there is memory for it. It is called with the lock
// held, and holds it on return, but not throughout: memory for many entries takes a while
// to get.
func (t *localTable) resize() {
	size := leastLocals
	for size < 4*t.live {
		size *= 2
	}
	t.lock.Unlock()
	head := newLocals(uint64(size))
	t.lock.Lock()
	if 2*t.live >= size {
		return
	}
	old := t.head.Load()
	if old != nil && int(old.size()) <= size && !t.fullLocked() {
		return // somebody else has done it, and as well
	}
	t.used = 0
	if old != nil {
		for i := range old.size() {
			if e := old.at(i); e.value != nil {
				head.enter(e.key.Load(), e.value)
				t.used++
			}
		}
	}
	t.head.Store(head)
}
