package gv

import (
	goruntime "runtime"
	"runtime/debug"
	"runtime/pprof"
)

// threadBody is a Thread as the scheduler sees it: a sched.Body.
type threadBody Thread

// Run runs the thread's function, on a goroutine of the scheduler's.
func (b *threadBody) Run() { (*Thread)(b).run(true, false) }

// Exit ends the thread if runtime.Goexit has.
func (b *threadBody) Exit() {
	if t := (*Thread)(b); t.life.ended.Load() == 0 {
		t.finish(t.exitError())
	}
}

// Overflow ends the thread that uses too much stack.
func (b *threadBody) Overflow(depth, limit int) {
	panic(&StackOverflowError{Depth: depth, Max: limit})
}

// run executes t, and finishes it also after what execute can't tell from runtime.Goexit:
// a panic with nil, as there are with GODEBUG=panicnil=1.
func (t *Thread) run(fresh, repanic bool) {
	t.execute(fresh, repanic)
	if t.life.ended.Load() == 0 {
		t.finish(&PanicError{Stack: debug.Stack()})
		if repanic {
			panic(nil)
		}
	}
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
	if err == nil {
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
	pprof.SetGoroutineLabels(t.given)
}

// perform runs t, which has just been made, and which the caller is counted to hear of, on
// the calling goroutine, and returns its result.
func (t *Thread) perform(repanic bool) error {
	t.task.Enter()
	defer func() {
		(*threadBody)(t).Exit()
		t.task.Exit()
	}()
	t.run(false, repanic)
	return t.life.err
}

// performOutside is perform in a bubble of testing/synctest, of which a thread is no part:
// it has a goroutine of its own, and the caller learns its end.
func (t *Thread) performOutside(repanic bool) error {
	err := t.start()
	if err == ErrGoexit {
		goruntime.Goexit()
	}
	if p, ok := err.(*PanicError); ok && repanic {
		panic(p.Value)
	}
	return err
}
