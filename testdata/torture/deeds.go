package main

import (
	"context"
	"errors"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A deed is what Do runs: a little of this and that, and an end that its caller
// must learn of.
type deed struct {
	w      *world
	r      *rand.Rand
	caller *gv.Thread // who calls Do, nil if a goroutine does
	depth  int
	ending ending
	ctx    context.Context // of its own, that has ended already; nil for none

	thread    *gv.Thread // that runs it
	ran, over atomic.Bool
}

// A deedDone is what a deed returns or panics with.
type deedDone struct{ of *deed }

func (*deedDone) Error() string { return "a deed is done" }

// errNever ends the contexts of deeds that must not begin.
var errNever = errors.New("it must not begin")

// maxDeeds is how deep deeds call for deeds.
const maxDeeds = 3

// do calls Do on the caller's runtime by itself, or on the round's by name.
func do(a *actor) error {
	for range 1 + a.r.IntN(4) {
		perform(a.w, a.r, 0)
	}
	return nil
}

// requests calls Do from goroutines, several at once, as a server does.
func requests(w *world, r *rand.Rand) {
	var wg sync.WaitGroup
	for range 1 + r.IntN(4) {
		own := rand.New(rand.NewPCG(r.Uint64(), 0))
		wg.Go(func() {
			for range 1 + own.IntN(10) {
				perform(w, own, 0)
			}
		})
	}
	wg.Wait()
	w.pause(r, time.Millisecond)
}

// perform lets Do run a deed, and judges what it returns.
func perform(w *world, r *rand.Rand, depth int) {
	d := &deed{w: w, r: rand.New(rand.NewPCG(r.Uint64(), 0)), caller: gv.Current(), depth: depth}
	d.ending = choose(d.r, returns, returns, returns, panics, exits, leavesLocked)
	opts := []gv.Option{gv.WithPriority(gv.Priority(d.r.IntN(4)))}
	if d.r.IntN(20) == 0 {
		var cancel context.CancelCauseFunc
		d.ctx, cancel = context.WithCancelCause(context.Background())
		cancel(errNever)
		opts = append(opts, gv.WithContext(d.ctx))
	}
	call := w.rt.Do
	if d.caller != nil && depth == 0 && d.r.IntN(2) == 0 && d.ending != exits {
		call = gv.Do
	}
	if d.ending == exits {
		d.exit(call, opts)
		return
	}
	d.judge(call(d.run, opts...))
	if d.ending == leavesLocked && d.over.Load() {
		goruntime.UnlockOSThread() // the goroutine is the caller's
	}
	if now := gv.Current(); now != d.caller {
		w.r.violation("after Do, called by %v, Current is %v", d.caller, now)
	}
}

// exit lets Do run a deed that calls Goexit, which ends the goroutine that calls Do: one of
// its own.
func (d *deed) exit(call func(func(context.Context) error, ...gv.Option) error, opts []gv.Option) {
	d.caller = nil
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err := call(d.run, opts...)
		if d.over.Load() {
			d.w.r.violation("Do has returned %v after Goexit", err)
		} else {
			d.judge(err)
		}
	}()
	gv.Block(func() { <-ended })
	if d.over.Load() {
		d.judge(d.thread.Err())
	}
}

// run is the thread's function.
func (d *deed) run(context.Context) error {
	d.thread = gv.Current()
	if d.ran.Swap(true) {
		d.w.r.violation("Do has run its function twice")
	}
	if t := gv.Current(); t == nil || t == d.caller {
		d.w.r.violation("Do, called by %v, runs its function in thread %v", d.caller, t)
	}
	for range d.r.IntN(4) {
		d.something()
	}
	d.over.Store(true)
	switch d.ending {
	case panics:
		panic(&deedDone{d})
	case exits:
		goruntime.Goexit()
	case leavesLocked:
		goruntime.LockOSThread()
	}
	return &deedDone{d}
}

// something is one thing that a deed does. None waits for what may never come.
func (d *deed) something() {
	switch d.r.IntN(7) {
	case 0:
		gv.Yield()
	case 1:
		_ = gv.Sleep(time.Duration(d.r.IntN(300)) * time.Microsecond) // cancelled or not
	case 2:
		steps(1, d.r.IntN(200_000))
	case 3:
		time.Sleep(time.Duration(d.r.IntN(300)) * time.Microsecond)
	case 4:
		g := &d.w.locks[d.r.IntN(len(d.w.locks))]
		g.mu.Lock()
		if g.owner != nil || g.a != g.b {
			d.w.r.violation("a deed holds a mutex that %v holds, too", g.owner)
		}
		g.mu.Unlock()
	case 5:
		goruntime.Gosched()
	case 6:
		if d.depth < maxDeeds {
			perform(d.w, d.r, d.depth+1)
		}
	}
}

// judge checks what Do has returned.
func (d *deed) judge(err error) {
	var own *deedDone
	var p *gv.PanicError
	bad := func(why string) {
		d.w.r.violation("Do of a deed that ends by %d gave %+v: %s (ran %v, over %v)", d.ending, err, why, d.ran.Load(), d.over.Load())
	}
	ends, begins := true, true
	switch {
	case errors.As(err, &p):
		if done, ok := p.Value.(*deedDone); !ok || done.of != d || d.ending != panics {
			bad("not the panic that it should have")
		}
	case errors.As(err, &own):
		if own.of != d || d.ending != returns && d.ending != leavesLocked {
			bad("not its own result")
		}
	case errors.Is(err, gv.ErrGoexit):
		if d.ending != exits {
			bad("it did not call Goexit")
		}
	case errors.Is(err, gv.ErrTooManyThreads):
		ends, begins = false, false
		if d.w.config.MaxThreads == 0 {
			bad("there is room")
		}
	case errors.Is(err, gv.ErrCancelled):
		ends, begins = false, false
		if never := errors.Is(err, errNever); d.ctx == nil && (never || d.caller == nil) {
			bad("nobody has cancelled it")
		}
	default:
		bad("not a result that it can have")
	}
	if d.over.Load() != ends || d.ran.Load() != begins || d.ctx != nil && begins {
		bad("it should not have begun, or should have come to its end")
	}
}
