package gv

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// A waitKind is what a thread waits for.
type waitKind uint32

const (
	waitNil waitKind = iota
	waitSend
	waitRecv
	waitSelect
	waitMutex
	waitRead
	waitReaders
	waitCond
	waitGroup
	waitMembers
	waitSemaphore
	waitSlot
	waitThread
	waitDo
	waitRun
	waitElsewhere
	waitSleep
	waitBlock
)

// A waitNote says what its thread waits for: for those who read dumps. The thread
// itself writes it before it blocks, and the kind stays when it goes on.
type waitNote struct {
	// what is the kind, and waitTimed if the wait ends with a context that has a deadline.
	what arch.Word
}

const waitTimed = 1 << 31

// note notes the kind of a wait that begins.
func (n *waitNote) note(k waitKind) { n.what.Store(uint32(k)) }

// setTimed notes whether the wait that has begun ends with a context that has a deadline.
func (n *waitNote) setTimed(timed bool) {
	what := n.what.Load() &^ waitTimed
	if timed {
		what |= waitTimed
	}
	n.what.Store(what)
}

func (n *waitNote) kind() waitKind { return waitKind(n.what.Load() &^ waitTimed) }

func (n *waitNote) timed() bool { return n.what.Load()&waitTimed != 0 }

// goroutinesWaiting counts the plain goroutines that wait in calls of this
// package.
var goroutinesWaiting atomic.Int32

// waitsFor notes an argument of the wait that the calling thread is about to
// start. t may be nil.
func (t *Thread) waitsFor(arg int64) {
	if t != nil {
		t.waitArg.Store(uint64(arg))
	}
}

// timed reports whether t goes on when the deadline of a context comes: of the one that it waits
// with, or of one that it or a thread that it descends from was given, which may have ended.
func (t *Thread) timed() bool {
	for p := t; p != nil; p = p.life.parent {
		if p.opts().timed {
			return true
		}
	}
	return t.waits.timed()
}

// inDo reports whether t does nothing but wait for the thread that it runs in Do.
func (t *Thread) inDo() bool { return t.task.InLeave() && t.waits.kind() == waitDo }

// waitFor returns kind, of a wait of t for the ends of threads of rt, or waitElsewhere if t
// is a thread of another runtime.
func (t *Thread) waitFor(rt *Runtime, kind waitKind) waitKind {
	if t != nil && t.rt() != rt {
		return waitElsewhere
	}
	return kind
}

// String says what it is.
func (k waitKind) String() string {
	switch k {
	case waitNil:
		return "to use a nil Chan"
	case waitSend:
		return "to send to a Chan"
	case waitRecv:
		return "to receive from a Chan"
	case waitSelect:
		return "in Select"
	case waitMutex:
		return "to lock a Mutex"
	case waitRead:
		return "to lock an RWMutex for reading"
	case waitReaders:
		return "for the readers of an RWMutex to leave"
	case waitCond:
		return "for a Cond"
	case waitGroup:
		return "for a WaitGroup"
	case waitMembers:
		return "for the threads of a Group"
	case waitSemaphore:
		return "for a Semaphore"
	case waitSlot:
		return "for the limit of a Group"
	case waitThread, waitDo:
		return "for a thread"
	case waitRun:
		return "for the threads of a Run"
	case waitElsewhere:
		return "for threads of another runtime"
	case waitSleep:
		return "in Sleep"
	}
	return "in Block"
}

// waiting says what t, which is blocked, waits for.
func (t *Thread) waiting() string {
	arg := int64(t.waitArg.Load())
	k := t.waits.kind()
	if k != waitDo && t.task.InLeave() {
		k = waitBlock // what it has waited for there is over
	}
	switch k {
	case waitMutex:
		return "to lock " + t.blockedOn().describe()
	case waitSemaphore:
		return fmt.Sprintf("for %d of a Semaphore", arg)
	case waitThread, waitDo:
		return fmt.Sprintf("for thread %d", arg)
	case waitSleep:
		return fmt.Sprintf("in Sleep, with %v left", max(0, time.Duration(arg-t.rt().sched.Now())).Round(time.Millisecond))
	default:
		return k.String()
	}
}

// describe names m by its owner. m may be nil: then it was left just now.
func (m *Mutex) describe() string {
	if m == nil {
		return "a Mutex"
	}
	w := m.word.Load()
	if !isOwned(w) {
		return "a Mutex that is free"
	}
	if isGoroutines(w) {
		return "a Mutex of a goroutine"
	}
	if owner := ownerOf(w); owner != nil {
		return "a Mutex of " + owner.describe()
	}
	return "a Mutex of a thread that has ended"
}
