package gv

import (
	goruntime "runtime"
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/sched"
	"github.com/gvthread/gvthread/runtime/internal/schedule"
)

// A control is a runtime's share in a schedule that package gvtest decides. Other runtimes
// have none.
//
// The calls of this package have points at which threads may be switched: the safepoints,
// and those that follow. Each effect that others can see is followed by a point or by a
// wait, and each wait begins with one.
type control struct {
	rt        *Runtime
	conductor schedule.Conductor
	// lock is held while the conductor decides, and guards panicked. It comes after all
	// others.
	lock     arch.Lock
	panicked []*Thread
	// broken says that the threads are to end.
	broken atomic.Bool
	// points counts those that threads have come to.
	points atomic.Uint64
	// ends are what is to be done when contexts end.
	ends contextEnds

	conducting
}

func init() {
	schedule.Open = openControlled
	schedule.InBubble = arch.InBubble
}

// openControlled opens a runtime that c decides about.
func openControlled(c schedule.Conductor, patience time.Duration) (schedule.Runtime, error) {
	ctl := &control{conductor: c, conducting: conducting{patience: patience}}
	rt, err := newRuntime(Config{Workers: 1, Engine: Portable}, ctl)
	if err != nil {
		return schedule.Runtime{}, err
	}
	return schedule.Runtime{Runtime: rt, Break: ctl.breakOff}, nil
}

// point is a point without a safepoint: in other runtimes than controlled ones, calls that
// need not block stay as cheap as they are, and don't panic.
func point() {
	if sched.Pending() {
		passPoint()
	}
}

//go:noinline
func passPoint() {
	if t := sched.Current(); t != nil {
		t.Pass()
	}
}

// reach is a point at which t, which calls it, leaves its worker.
func (t *Thread) reach(p sched.Point) {
	if sched.Pending() {
		t.task.Reach(p)
	}
}

// lookAtContext is point in a call of a context, which may come from a look for contexts that
// have ended: then nobody is switched.
//
//go:noinline
func lookAtContext() {
	if t := Current(); t != nil && t.rt().control != nil && !t.rt().control.ends.looking.Load() {
		t.task.Pass()
	}
}

// Point implements sched.Schedule.
func (c *control) Point(task *sched.Task, p sched.Point) {
	c.points.Add(1)
	t := threadOf(task)
	if p == sched.PointEnds {
		c.ended(t)
		return
	}
	c.exitIfBroken()
	c.lock.Lock()
	c.conductor.Step(t.id, schedule.Point(p))
	c.lock.Unlock()
	c.conductor.Point(t.id, t.Name(), schedule.Point(p))
	c.ends.run(c.ends.due())
}

// ended says that t, which calls it, has ended. A panic is kept for Close: nobody's garbage
// is to end the process with it.
func (c *control) ended(t *Thread) {
	if _, ok := t.life.err.(*PanicError); ok {
		c.lock.Lock()
		c.panicked = append(c.panicked, t)
		c.lock.Unlock()
	}
	c.conductor.Ended(t.id, t.Name(), t.life.err)
}

// Rank implements sched.Schedule.
func (c *control) Rank(task *sched.Task) uint64 {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.conductor.Rank(threadOf(task).id)
}

// choose returns a number from 0 to n-1.
func (c *control) choose(n int) int {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.conductor.Choose(n)
}

// breakOff ends all threads. None runs meanwhile but the caller, if it is one: what ends a
// thread must not be the end of another that it waits for.
func (c *control) breakOff() {
	c.broken.Store(true)
	if !c.rt.sched.Interlude(c.breakWaits) {
		c.breakWaits()
	}
}

func (c *control) breakWaits() {
	end := newCancellation(ErrRuntimeClosed)
	for _, t := range c.rt.live.all() {
		t.cancel(end)
		t.task.Break() // where cancellation doesn't end the wait
	}
}

// exitIfBroken ends the calling thread if it is to end. c may be nil.
func (c *control) exitIfBroken() {
	if c != nil && c.broken.Load() {
		goruntime.Goexit()
	}
}

// shuffleControlled is shuffle for a thread of a controlled runtime. It reports false, and
// does nothing, for others.
func (s *selection) shuffleControlled() bool {
	t := Current()
	if t == nil || t.rt().control == nil {
		return false
	}
	order := s.order()
	for i := len(order) - 1; i > 0; i-- {
		j := t.rt().control.choose(i + 1)
		order[i], order[j] = order[j], order[i]
	}
	return true
}
