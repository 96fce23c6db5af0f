package main

import (
	"context"
	"errors"
	"sync/atomic"

	gv "github.com/gvthread/gvthread/runtime"
)

var errMember = errors.New("a member of a group has failed")

// group has a few threads work together, not all at a time. One of them may fail, or
// panic.
func group(a *actor) error {
	if a.depth >= maxDepth {
		return nil
	}
	g := gv.NewGroup(a.ctx, gv.WithPriority(gv.Priority(a.r.IntN(4))))
	limit, given := int32(1+a.r.IntN(3)), 1+a.r.IntN(6)
	g.SetLimit(int(limit))
	bad, panics := a.r.IntN(2*given), a.r.IntN(2) == 0
	var ran, inside atomic.Int32
	for i := range given {
		if g.Go(func(context.Context) error {
			if n := inside.Add(1); n > limit {
				a.w.r.violation("%d threads of a group run, of at most %d", n, limit)
			}
			ran.Add(1)
			gv.Yield()
			inside.Add(-1)
			switch {
			case i != bad:
				return nil
			case panics:
				panic(errMember)
			}
			return errMember
		}) != nil {
			break
		}
	}
	err := g.Wait()
	switch {
	case inside.Load() != 0:
		a.w.r.violation("a group ended before %d of its threads", inside.Load())
	case err == nil:
		if bad < given || ran.Load() != int32(given) {
			a.w.r.violation("a group has not failed: %d of %d have run, and %d was to fail", ran.Load(), given, bad)
		}
	case errors.Is(err, errMember):
		if bad >= given {
			a.w.r.violation("a group has failed in vain: %v", err)
		}
	case errors.Is(err, gv.ErrTooManyThreads), errors.Is(err, gv.ErrRuntimeClosed):
	case !errors.Is(err, gv.ErrCancelled) || a.ctx.Err() == nil:
		a.w.r.violation("the group of a thread whose context has ended with %v: %v", a.ctx.Err(), err)
	}
	return a.cancellation()
}
