package gv

import (
	goruntime "runtime"
	"runtime/debug"
	"runtime/pprof"
	"runtime/trace"

	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// threadBodies are Threads as the scheduler sees them.
type threadBodies struct{}

// Run runs the thread's function, on a goroutine of the scheduler's.
func (threadBodies) Run(task *sched.Task) {
	t := threadOf(task)
	t.execute(true, false)
	t.complete(false)
	if t.rt().config.ProfileLabels {
		unlabel()
	}
}

// Exit ends the thread if runtime.Goexit has.
func (threadBodies) Exit(task *sched.Task) { threadOf(task).exit() }

// Name returns the thread's number and name.
func (threadBodies) Name(task *sched.Task) (id uint64, name string) {
	t := threadOf(task)
	return t.id, t.Name()
}

// Waits returns what the thread, which calls it, is about to wait for.
func (threadBodies) Waits(task *sched.Task) uint8 { return uint8(threadOf(task).waits.kind()) }

// Overflow ends the thread that uses too much stack.
func (threadBodies) Overflow(_ *sched.Task, depth, limit int) {
	panic(&StackOverflowError{Depth: depth, Max: limit})
}

// exit finishes t, which calls it, if runtime.Goexit has ended its function.
func (t *Thread) exit() {
	if t.life.ended.Load() == 0 {
		t.finish(t.exitError())
		t.reach(sched.PointEnds)
	}
}

// complete follows execute: it finishes t also after what that can't tell from
// runtime.Goexit, a panic with nil, as there are with GODEBUG=panicnil=1.
func (t *Thread) complete(repanic bool) {
	if t.life.ended.Load() == 0 {
		t.finish(&PanicError{Stack: debug.Stack()})
		if repanic {
			panic(nil)
		}
	}
	t.reach(sched.PointEnds)
}

// execute runs t's function and finishes t, unless runtime.Goexit ends the goroutine: that
// can't be stopped here. With fresh, the goroutine is made as new first. With repanic, a
// panic is passed on after the end.
func (t *Thread) execute(fresh, repanic bool) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			t.finish(&PanicError{Value: v, Stack: panicStack(v)})
			if repanic {
				panic(v) // here, where its stack is still to be seen
			}
		}
	}()
	if fresh {
		t.inherit()
	}
	err := t.cancelCause()
	switch {
	case err != nil:
	case trace.IsEnabled():
		err = t.callTraced()
	default:
		err = t.fn(t.ctx())
	}
	if _, panicked := err.(*PanicError); !panicked {
		t.leaveFamily() // else OnPanic comes first, which may start more threads
	}
	returned = true
	t.finish(err)
}

// inherit gives the calling goroutine, which is about to run t, what a goroutine has
// besides its stack: not what the last thread has left. It calls the user's code: the
// context's Value.
func (t *Thread) inherit() {
	debug.SetPanicOnFault(false)
	ctx := t.labelStack(t.given())
	if t.rt().config.ProfileLabels {
		ctx = t.labelled(ctx)
	}
	pprof.SetGoroutineLabels(ctx)
}

// perform runs t, which has just been made, and which the caller is counted to hear of, on
// the calling goroutine, and returns its result.
func (t *Thread) perform(repanic bool) error {
	defer t.task.Exit(t.task.Enter())
	defer t.exit()
	t.execute(false, repanic)
	t.complete(repanic)
	return t.life.err
}

// performWithin is perform for the calling thread, which waits for t meanwhile.
func (t *Thread) performWithin(caller *Thread, repanic bool) error {
	defer caller.waits.note(caller.waits.kind()) // it may be in Block
	caller.waits.note(waitDo)
	caller.waitsFor(int64(t.id))
	return t.perform(repanic)
}

// performOutside is perform where the calling goroutine can't carry t: in a bubble of
// testing/synctest, of which a thread is no part, and in a thread of another runtime. t has
// a goroutine of its own, and the caller waits for its end, whatever happens to itself.
func (t *Thread) performOutside(repanic bool) error {
	if k, over := t.hear(false); !over {
		t.task.Make(sched.New)
		_ = t.heard(k, k.wait()) // the wait can't be cancelled
	}
	err := t.life.err
	if err == ErrGoexit {
		goruntime.Goexit()
	}
	if p, ok := err.(*PanicError); ok && repanic {
		panic(p.Value)
	}
	return err
}
