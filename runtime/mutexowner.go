package gv

import (
	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// The word of a Mutex is the number of its owner, shifted, and alone; or one of the words
// below. It is a number, and no pointer, since a compare-and-swap of a pointer is a call, for
// the garbage collector. A thread gets its number when it first locks a Mutex, and has it
// until it ends.
const (
	// alone: nobody waits for the Mutex, and Unlock need not look. Threads of package gvtest
	// own none alone: there, Unlock is a point.
	alone uint32 = 1

	// unlocked: nobody owns the Mutex, and nobody waits.
	unlocked uint32 = 0
	// freeWord: nobody owns the Mutex, and a waiter was woken to take it. Only those who
	// hold mu may take it.
	freeWord uint32 = 1 << ownerShift
	// goroutineWord: a plain goroutine owns the Mutex.
	goroutineWord uint32 = 2<<ownerShift | alone
)

// ownerShift is where the number is in a word.
const ownerShift = 1

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
func isOwned(w uint32) bool { return w != unlocked && w != freeWord }

// ownerOf returns the thread that owns a Mutex with the word w, nil if that is a goroutine,
// or a thread that has ended.
func ownerOf(w uint32) *Thread {
	if w>>ownerShift < arch.MinNumber {
		return nil
	}
	return owners.Find(w >> ownerShift)
}
