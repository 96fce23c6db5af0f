package gv

import (
	"runtime/debug"
	"runtime/pprof"
	"sync"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// A fiber is a goroutine that carries threads, one after another.
type fiber struct {
	arch.Fiber
	rt *Runtime
	// thread is the thread that the fiber carries: written by the side that
	// resumes an idle fiber, before it does; nil tells an idle fiber to end.
	thread atomic.Pointer[Thread]
	// launched is set when the goroutine has been started. It belongs to the
	// side that owns the thread.
	launched bool
	// successor is a goroutine that goes on where the fiber stops to be idle, nil
	// for none. Only the fiber itself uses it.
	successor *arch.Fiber
	// below links the fibers of the pool.
	below *fiber
}

// maxIdleFibers is how many fibers a runtime keeps for threads to come. More
// are given back to Go when their thread ends.
const maxIdleFibers = 1024

// A fiberPool holds a runtime's idle fibers, the last used on top.
type fiberPool struct {
	lock  spinLock
	top   *fiber
	idle  int
	shut  bool
	alive sync.WaitGroup
	count atomic.Int64
}

// put makes f, which is pinned, available; false when the pool is full or shut.
func (p *fiberPool) put(f *fiber) bool {
	p.lock.lock()
	ok := p.idle < maxIdleFibers && !p.shut
	if ok {
		f.below = p.top
		p.top = f
		p.idle++
	}
	p.lock.unlock()
	return ok
}

// take removes the top of the pool, nil if it is empty.
func (p *fiberPool) take() *fiber {
	p.lock.lock()
	f := p.top
	if f != nil {
		p.top, f.below = f.below, nil
		p.idle--
	}
	p.lock.unlock()
	return f
}

// embody gives t, which the caller owns, a fiber if it has none yet: an idle
// one, or a new one whose goroutine is started when t first runs.
func (t *Thread) embody() {
	if t.fiber != nil {
		return
	}
	f := t.rt.fibers.take()
	if f == nil {
		f = &fiber{rt: t.rt}
	}
	f.thread.Store(t)
	t.fiber = f
}

// launch starts f's goroutine if it has none yet, and reports whether it had
// none.
func (f *fiber) launch() bool {
	if f.launched {
		return false
	}
	f.launched = true
	f.rt.fibers.count.Add(1)
	arch.Launch(f.run)
	return true
}

// resume makes t, which was given a worker, run through Go's scheduler.
func (t *Thread) resume() {
	if !t.fiber.launch() {
		t.fiber.Ready()
	}
}

// switchTo parks f, which is the caller's and pinned, and runs next, which was given
// a worker, in its place.
func switchTo(f *arch.Fiber, next *Thread) {
	if next.fiber.launch() {
		f.Park()
		return
	}
	f.Switch(&next.fiber.Fiber)
}

// run is what a fiber's goroutine does. Its frames stay at the top of every
// thread's stack: they are kept small.
func (f *fiber) run() {
	// Here, since a WaitGroup must not be counted up in a bubble: the thread that the
	// fiber has got keeps others from waiting yet.
	f.rt.fibers.alive.Add(1)
	f.Bind(f.rt.native)
	registerFiber(f)
	defer f.leave()
	for t := f.thread.Load(); t != nil; t = f.thread.Load() {
		f.execute(t)
		if t.State() != StateDone {
			// A panic with nil, as there are with GODEBUG=panicnil=1: recover can't tell
			// it from runtime.Goexit, but the goroutine goes on.
			t.finish(&PanicError{Stack: debug.Stack()})
		}
		if f.LockedToThread() {
			// The thread has left it so. Go ends an OS thread whose goroutine
			// ends locked to it, because it may be in a state that suits nobody
			// else: the next thread must not inherit it.
			return
		}
		f.advance(t)
	}
}

// inherit gives the calling goroutine, which is about to run t, what a goroutine has
// besides its stack: not what the last thread has left, or who launched the fiber. It
// calls the user's code: the context's Value.
func inherit(t *Thread) {
	debug.SetPanicOnFault(false)
	pprof.SetGoroutineLabels(t.given)
}

// leave ends a fiber: one that is not needed any more, and has no thread, or one
// whose goroutine ends with a thread, because it was locked to an OS thread, or
// has called runtime.Goexit: then it hands on all that it holds.
func (f *fiber) leave() {
	if t := f.thread.Load(); t != nil {
		if t.State() != StateDone {
			t.finish(t.exitError())
		}
		f.thread.Store(nil)
		t.vacate()
		f.bless()
	}
	f.retire()
}

// execute runs t's function and finishes t, unless runtime.Goexit ends the
// goroutine: that can't be stopped here.
func (f *fiber) execute(t *Thread) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			t.finish(&PanicError{Value: v, Stack: panicStack(v)})
		}
	}()
	inherit(t)
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

// advance goes on to the next thread after t, the last one, has ended: on this
// fiber if it is a new thread, else by a switch to its own, which leaves this
// one idle. It returns when the fiber has a thread again, or has none and is to
// end.
func (f *fiber) advance(t *Thread) {
	arch.Pin()
	w, next := t.lastWorker(), (*Thread)(nil)
	if w != nil {
		w.queue.lock.lock()
		if w.cur != t {
			w.queue.lock.unlock()
			w = nil
		}
	}
	if w != nil {
		t.store(t.load().with(StateDone, nowhere))
		if w.repayLocked() {
			w.queue.lock.unlock()
			w = nil
		}
	}
	if w != nil {
		next = w.pickLocked(Low)
		switch {
		case next == nil:
			w.vacateLocked()
		case next.fiber == nil:
			next.fiber = f
			f.thread.Store(next)
			fallthrough
		default:
			w.giveLocked(next)
		}
		w.queue.lock.unlock()
		if next != nil && next.fiber == f {
			f.bless()
			arch.Unpin()
			return
		}
	}
	// Once it is in the pool, the fiber may be given a thread at any time: by
	// others, who wait until it is off its stack, and by putIdle, which must
	// not.
	f.thread.Store(nil)
	pooled := f.rt.fibers.put(f)
	if w != nil && next == nil {
		if pooled {
			f.BeginPark()
		}
		f.rt.putIdle(w)
	}
	if next != nil {
		f.bless()
	}
	switch {
	case pooled && next != nil:
		switchTo(&f.Fiber, next)
		return
	case pooled && f.successor != nil:
		to := f.successor
		f.successor = nil
		f.Switch(to)
		return
	case pooled:
		f.Park()
		return
	case next != nil:
		next.resume()
	}
	f.bless()
	arch.Unpin()
}

// bless makes f's successor run, if there is one that f can't give its place to.
func (f *fiber) bless() {
	if to := f.successor; to != nil {
		f.successor = nil
		to.Ready()
	}
}

// lastWorker returns the worker that t, which has ended, may still hold.
func (t *Thread) lastWorker() *worker {
	if p := t.load().place(); p != nowhere {
		return t.rt.workerAt(p)
	}
	return nil
}

// retire ends a fiber.
func (f *fiber) retire() {
	unregisterFiber()
	f.rt.fibers.count.Add(-1)
	f.rt.fibers.alive.Done()
}

// drain ends all idle fibers and waits for the end of every fiber. No thread is
// alive, and none will be started.
func (p *fiberPool) drain() {
	p.lock.lock()
	p.shut = true
	p.lock.unlock()
	for f := p.take(); f != nil; f = p.take() {
		f.Ready()
	}
	p.alive.Wait()
}
