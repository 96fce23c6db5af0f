package gv

import (
	goruntime "runtime"
	"time"

	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// Yield lets the threads run that are ready at the calling thread's priority or
// above; the caller goes to the end of the line of its own. It returns at once
// when there are none. It does not look at cancellation.
//
// In a plain goroutine it is runtime.Gosched.
func Yield() {
	if !sched.Yield() {
		goruntime.Gosched()
	}
}

// Safepoint yields if the calling thread was asked to: because a thread of
// higher priority is ready, or because its slice is over and others wait. It is
// what gvinstrument puts into loops: one load and a branch when there is
// nothing to do, and nothing more on a plain goroutine. It panics with a
// *StackOverflowError if the thread is found to use more stack than
// Config.MaxStack.
//
// These pass a safepoint whatever they return, so a loop that calls one in every round
// needs no other: Block, Do, Go, Run, Select, SelectInOrder, Sleep and Yield; the methods of
// Chan but Len and Cap, and every round over its All; Go, TryGo and Cancel of Group; Add,
// Done and Go of WaitGroup; Release and Resize of Semaphore; Signal and Broadcast of Cond;
// Cancel and SetPriority of Thread. Others do only if they block: locking a Mutex that is
// free does not.
func Safepoint() {
	if sched.Pending() {
		safepoint()
	}
}

// answer is Safepoint without a look at the stack, for calls that don't panic.
func answer() {
	if sched.Pending() {
		if t := sched.Current(); t != nil {
			t.Answer()
		}
	}
}

//go:noinline
func safepoint() {
	if t := sched.Current(); t != nil {
		t.Safepoint()
	}
}

// Block calls fn without a worker: the calling thread gives its worker to
// another ready thread first, and takes one back after. It is for calls that
// block in Go: on a channel, a sync.Mutex, a file, a network connection. Without
// it such calls work too, and the worker is taken away when somebody else needs
// it and the thread is found to be stuck, within about a millisecond; with it
// nobody has to wait for that.
//
// Code in fn runs beside the workers' threads and outside their priorities: it
// should block, not compute. That holds also after a call of this package in fn
// that has waited, which ends when it is the thread's turn to have a worker. A
// panic in fn, or its runtime.Goexit, passes through. In a plain goroutine Block
// just calls fn.
func Block(fn func()) {
	t := Current()
	if t == nil {
		fn()
		return
	}
	t.waits.note(waitBlock)
	t.task.Leave()
	defer t.task.Return()
	fn()
}

// Sleep parks the calling thread for at least d and returns nil, or, at once
// when the thread is cancelled, an error that wraps ErrCancelled. For d <= 0 it
// is Yield. In a plain goroutine it is time.Sleep.
func Sleep(d time.Duration) error {
	t := Current()
	if t == nil {
		time.Sleep(d)
		return nil
	}
	if err := t.cancelCause(); err != nil {
		Safepoint()
		return err
	}
	if d <= 0 {
		Yield()
		return t.cancelCause()
	}
	when := t.rt().sched.Now() + int64(d)
	if when < 0 {
		when = sched.Never // d is beyond what the clock can count
	}
	t.waitsFor(when)
	t.waits.note(waitSleep)
	t.reach(sched.PointWaits)
	interrupted := t.task.SleepUntil(when)
	t.task.CheckStack()
	if interrupted {
		t.rt().control.exitIfBroken()
		return t.cancelCause()
	}
	return nil
}

// now returns the monotonic time, as the scheduler counts it.
func now() int64 { return sched.Now() }
