package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// An actor is a thread of a round: it does one action after another, as its
// random numbers say, and ends in the way that it was told at the start.
type actor struct {
	w      *world
	id     uint64
	r      *rand.Rand
	depth  int
	ending ending
	sender uint32 // its number in the ledger
	above  *actor // who started it, nil if the program did

	thread *gv.Thread
	begun  chan struct{} // closed when thread is set
	ctx    context.Context

	done   atomic.Uint64 // actions
	doing  atomic.Pointer[action]
	entry  sync.Once // a thread must be started once
	inside atomic.Int32

	cancelled atomic.Bool
	garbage   []byte // makes what is put here escape
	forget    func() // ends what else would remember the actor
}

// An ending is how an actor ends.
type ending uint8

const (
	returns ending = iota
	panics
	exits
	leavesLocked // returns without giving back its OS thread
)

// An outcome is what an actor returns: an error that nobody else has.
type outcome struct{ of *actor }

func (o *outcome) Error() string { return fmt.Sprintf("actor %#x", o.of.id) }

// A reason is what an actor was cancelled with.
type reason struct{ of *actor }

func (r *reason) Error() string { return fmt.Sprintf("actor %#x was told to end", r.of.id) }

// start starts an actor that the random numbers of its starter decide on.
func (w *world) start(r *rand.Rand, above *actor) *actor {
	a := &actor{w: w, id: r.Uint64(), sender: w.ledger.newSender(), above: above, begun: make(chan struct{}), forget: func() {}}
	if above != nil {
		a.depth = above.depth + 1
	}
	a.r = rand.New(rand.NewPCG(a.id, w.seed))
	a.ending = choose(a.r, returns, returns, returns, returns, panics, exits, leavesLocked)
	opts := []gv.Option{gv.WithPriority(gv.Priority(a.r.IntN(4)))}
	switch a.r.IntN(6) {
	case 0:
		ctx, cancel := context.WithCancelCause(context.Background())
		opts = append(opts, gv.WithContext(ctx))
		delay := choose(a.r, 20*time.Millisecond, 10*time.Second)
		timer := time.AfterFunc(time.Duration(a.r.IntN(int(delay))), a.cancelBy(func() { cancel(&reason{a}) }))
		a.forget = func() { timer.Stop() }
	case 1:
		opts = append(opts, gv.WithName(fmt.Sprintf("%#x", a.id)))
	case 2:
		budget := choose(a.r, 100*time.Microsecond, 2*time.Millisecond, 20*time.Millisecond)
		opts = append(opts, gv.WithBudget(budget, gv.Priority(a.r.IntN(4))))
	}
	a.thread = w.rt.Go(a.run, opts...)
	close(a.begun)
	w.members.add(a)
	w.r.threads.Add(1)
	return a
}

// cancelBy returns a function that cancels a by f, and notes that.
func (a *actor) cancelBy(f func()) func() {
	return func() {
		a.cancelled.Store(true)
		f()
	}
}

// cancel cancels a.
func (a *actor) cancel() {
	a.cancelBy(func() { a.thread.Cancel(&reason{a}) })()
}

// does returns the name of what a does now.
func (a *actor) does() string {
	if act := a.doing.Load(); act != nil {
		return act.name
	}
	return "nothing"
}

// cancellation returns what an action does that was ended by the thread's cancellation,
// nil if the thread is not cancelled.
func (a *actor) cancellation() error {
	if cause := context.Cause(a.ctx); cause != nil {
		return fmt.Errorf("%w: %w", gv.ErrCancelled, cause)
	}
	return nil
}

// run is the thread's function.
func (a *actor) run(ctx context.Context) error {
	fresh := false
	a.entry.Do(func() { fresh = true })
	if !fresh {
		a.w.r.violation("actor %#x was started twice", a.id)
	}
	<-a.begun
	a.ctx = ctx
	a.w.contexts.add(a)
	me := goroutineID()
	for range a.w.steps {
		if a.w.stop.Load() {
			break
		}
		act := a.next()
		a.doing.Store(act)
		err := a.perform(act)
		a.doing.Store(nil)
		a.done.Add(1)
		a.w.r.steps.Add(1)
		if cur := gv.Current(); cur != a.thread {
			a.w.r.violation("after %s Current is %v in thread %v", act.name, cur, a.thread)
		}
		if err != nil {
			if !errors.Is(err, gv.ErrCancelled) {
				a.w.r.violation("%s: %v", act.name, err)
			}
			return err
		}
	}
	if id := goroutineID(); id != me {
		a.w.r.violation("thread %v began in goroutine %s and ends in %s", a.thread, me, id)
	}
	return a.end()
}

// perform does one action, alone in its thread.
func (a *actor) perform(act *action) error {
	if n := a.inside.Add(1); n != 1 {
		a.w.r.violation("thread %v runs %d times at once", a.thread, n)
	}
	defer a.inside.Add(-1)
	return act.do(a)
}

// next decides on the next action.
func (a *actor) next() *action {
	n := a.r.IntN(a.w.weight)
	for i := range a.w.actions {
		act := &a.w.actions[i]
		if n -= act.weight; n < 0 {
			return act
		}
	}
	panic("unreachable: the weights do not add up")
}

// end ends the actor in its way.
func (a *actor) end() error {
	switch a.ending {
	case panics:
		panic(&outcome{a})
	case exits:
		goruntime.Goexit()
	case leavesLocked:
		goruntime.LockOSThread()
	}
	return &outcome{a}
}

// judge checks a's result.
func (a *actor) judge(err error) {
	var o *outcome
	var p *gv.PanicError
	var why *reason
	bad := func(format string, args ...any) {
		a.w.r.violation("actor %#x, to end by %d, gave %+v: %s", a.id, a.ending, err, fmt.Sprintf(format, args...))
	}
	switch {
	case errors.As(err, &p):
		if o, ok := p.Value.(*outcome); !ok || o.of != a || a.ending != panics {
			bad("not the panic that it should have")
		}
	case errors.As(err, &o):
		if o.of != a || a.ending != returns && a.ending != leavesLocked {
			bad("not its own result")
		}
	case errors.Is(err, gv.ErrGoexit):
		if a.ending != exits {
			bad("it did not call Goexit")
		}
	case errors.Is(err, gv.ErrTooManyThreads):
		if a.w.config.MaxThreads == 0 || a.done.Load() != 0 {
			bad("there is room")
		}
	case errors.As(err, &why):
		if !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, context.Canceled) {
			bad("not a cancellation")
		}
		for b := a; ; b = b.above {
			if b == nil {
				bad("cancelled with the cause of another")
				break
			}
			if b == why.of {
				break
			}
		}
		if !why.of.cancelled.Load() {
			bad("nobody cancelled it")
		}
	default:
		bad("not a result that it can have")
	}
	if again := a.thread.Wait(); again != err {
		bad("the next Wait gave %v", again)
	}
	a.forget()
}
