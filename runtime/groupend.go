package gv

import (
	"errors"
	"math"
	"slices"

	"github.com/gvthread/gvthread/arch"
)

// groupEnded is how a Group ends that nothing has cancelled before.
var groupEnded = newCancellation(errors.New("gv: the Group has ended"))

// stopped returns how the Group was cancelled, nil if it was not.
func (g *Group) stopped() *cancellation {
	if c := g.cancelled.Load(); c != nil {
		return c
	}
	if g.ctx != nil && (!g.bubbled || arch.InBubble()) && g.ctx.Err() != nil {
		// The watch has not come that far.
		g.cancel(inheritedCancellation(g.ctx))
	}
	return g.cancelled.Load()
}

// cancel cancels all threads, unless that has been done.
func (g *Group) cancel(c *cancellation) {
	g.mu.Lock()
	if g.cancelled.Load() != nil {
		g.mu.Unlock()
		return
	}
	g.cancelled.Store(c)
	var threads []*Thread
	for m := g.first; m != nil; m = m.next {
		threads = append(threads, m.thread)
	}
	slots := g.slots
	g.mu.Unlock()

	for _, t := range threads {
		t.cancel(c)
	}
	if slots != nil {
		// Those who wait for a slot find out.
		slots.resize(math.MaxInt64)
	}
}

// fail notes a failure, and cancels the Group if errors do. A nil err is none.
func (g *Group) fail(err error) {
	if err == nil {
		return
	}
	// In this order: what the cancellation makes fail comes after its cause.
	g.mu.Lock()
	if g.err == nil {
		g.err = err
	}
	g.mu.Unlock()
	if g.ctx != nil {
		g.cancel(newCancellation(err))
	}
}

// failPanicked is fail for t, which has panicked: it cancels every Group.
func (g *Group) failPanicked(t *Thread, err *PanicError) {
	g.mu.Lock()
	if !slices.Contains(g.panicked, t) { // OnPanic may call runtime.Goexit
		g.panicked = append(g.panicked, t)
	}
	g.mu.Unlock()
	g.fail(err)
	g.cancel(newCancellation(err))
}

// result returns the first failure and the panics, which makes them seen. All threads
// have ended.
func (g *Group) result() error {
	g.mu.Lock()
	first, panicked := g.err, slices.Clone(g.panicked)
	g.mu.Unlock()
	errs := []error{first}
	for _, t := range panicked {
		if err := t.Err(); !slices.Contains(errs, err) {
			errs = append(errs, err)
		}
	}
	if len(errs) == 1 {
		return first
	}
	return join(errs...)
}

// missed ends a wait that was cancelled. Panics that have counted on it go to
// somebody else.
func (g *Group) missed() {
	g.hearers.Add(-1)
	g.mu.Lock()
	panicked := slices.Clone(g.panicked)
	g.mu.Unlock()
	for _, t := range panicked {
		t.missed()
	}
}

// end ends the Group, unless it is a zero one, when all threads have ended. A second call does
// nothing.
func (g *Group) end() {
	if g.ctx != nil {
		g.cancel(groupEnded)
	}
	if g.unwatch != nil {
		g.unwatch()
	}
}

// abandon cancels the Group, waits until all threads have ended, and ends it. Panics that
// nobody has seen stay so.
func (g *Group) abandon(cause error) {
	g.cancel(newCancellation(cause))
	_ = g.alive.wait(forever, waitMembers) // nothing but their ends ends it
	g.end()
}
