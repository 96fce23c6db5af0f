package gv

import (
	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// The word of a Mutex is the number of its owner, shifted, and the bits below; or unlocked,
// or freeWord with openBits. It is a number, and no pointer, since a compare-and-swap of a
// pointer is a call, for the garbage collector. A thread gets its number when it first locks
// a Mutex, and has it until it ends.
const (
	// alone: nobody waits for the Mutex, and Unlock need not look. Threads of package gvtest
	// own none alone: there, Unlock is a point.
	alone uint32 = 1
	// openBits are 0, or 1 more than the priority of the first waiter: then one of the
	// waiters is awake, and will look at the word under mu. Until then, whoever has that
	// priority at least may take a free Mutex, and Unlock it, without a look at the queue.
	openBits uint32 = 7 << openShift

	// unlocked: nobody owns the Mutex, and nobody waits.
	unlocked uint32 = 0
	// freeWord: nobody owns the Mutex. Without openBits only who holds mu may take it.
	freeWord uint32 = 1 << ownerShift
	// goroutineWord: a plain goroutine owns the Mutex.
	goroutineWord uint32 = 2<<ownerShift | alone
)

const (
	openShift = 1
	// ownerShift is where the number is in a word.
	ownerShift = 4
	// There is room for all numbers.
	_ uint32 = arch.MaxNumber << ownerShift
)

// owners has the threads that have numbers.
var owners arch.Registry[Thread]

// callerWord returns the word of a Mutex that the caller owns alone, 0 if it is a thread
// that has no number yet.
func callerWord() uint32 {
	if t := sched.Current(); t != nil {
		return t.LockWord()
	}
	return goroutineWord
}

// ownWord returns the word of a Mutex that t, which calls it, owns alone, or that a goroutine
// does if t is nil.
func (t *Thread) ownWord() uint32 {
	if t == nil {
		return goroutineWord
	}
	w := t.task.LockWord()
	if w == 0 {
		w = owners.Enter(t) << ownerShift
		if t.rt().control == nil {
			w |= alone
		}
		t.task.SetLockWord(w)
	}
	return w
}

// disown gives t's number up, which ends. What it still owns lends it nothing from then on.
func (t *Thread) disown() {
	if w := t.task.LockWord(); w != 0 {
		owners.Leave(w >> ownerShift)
		t.task.SetLockWord(0)
	}
}

// isOwned reports whether a Mutex with the word w has an owner.
func isOwned(w uint32) bool { return w>>ownerShift > freeWord>>ownerShift }

// isGoroutines reports whether the owner of a Mutex with the word w is a plain goroutine.
func isGoroutines(w uint32) bool { return w>>ownerShift == goroutineWord>>ownerShift }

// isFree reports whether nobody owns a Mutex with the word w, for which somebody waits.
func isFree(w uint32) bool { return w>>ownerShift == freeWord>>ownerShift }

// openTo returns the openBits for a first waiter of priority p.
func openTo(p Priority) uint32 { return (uint32(p) + 1) << openShift }

// isOpenTo reports whether one of priority p may take a Mutex with the word w, which is free.
func isOpenTo(w uint32, p Priority) bool { return uint32(p) < w&openBits>>openShift }

// ownerOf returns the thread that owns a Mutex with the word w, nil if that is a goroutine,
// or a thread that has ended.
func ownerOf(w uint32) *Thread {
	if w>>ownerShift < arch.MinNumber {
		return nil
	}
	return owners.Find(w >> ownerShift)
}
