package gv_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// The end of the context that NewGroup was given cancels the Group as it ends
// threads: with its cause, and a deadline as a deadline.
func TestGroupDeadline(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		ctx, cancel := context.WithDeadline(background, time.Now())
		defer cancel()
		g := rt.NewGroup(ctx)
		var seen context.Context
		g.Go(func(ctx context.Context) error { seen = ctx; return nil })
		if err := g.Wait(); !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, context.DeadlineExceeded) || seen != nil {
			t.Errorf("Wait: %v, and the function was called: %v", err, seen != nil)
		}

		later, cancelLater := context.WithTimeout(background, 5*time.Millisecond)
		defer cancelLater()
		g = rt.NewGroup(later)
		g.Go(func(ctx context.Context) error {
			gv.Block(func() { <-ctx.Done() })
			return ctx.Err()
		})
		// The thread may not have had its first turn in time.
		if err := g.Wait(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Wait: %v", err)
		}
	})
}

// WaitContext gives up, and the Group goes on.
func TestGroupWaitContext(t *testing.T) {
	cause := errors.New("cause")
	forEachCrew(t, func(t *testing.T, c *crew) {
		g := c.rt.NewGroup(background)
		gate := gv.NewChan[bool](0)
		g.Go(func(context.Context) error { gate.Recv(); return errFailure })
		ctx, cancel := context.WithCancelCause(background)
		var waiting atomic.Int32
		for range 3 {
			c.start(func() {
				waiting.Add(1)
				if err := g.WaitContext(ctx); err != cause {
					t.Errorf("WaitContext: %v", err)
				}
			})
		}
		until(func() bool { return waiting.Load() == 3 })
		cancel(cause)
		c.wait()
		c.start(func() {
			if err := g.WaitContext(background); err != errFailure {
				t.Errorf("WaitContext: %v", err)
			}
		})
		gate.Close()
		c.wait()
		if err := g.WaitContext(ctx); err != cause {
			t.Errorf("WaitContext: %v", err)
		}
	})
}

// A countingContext counts who is to be told of its end, which never comes.
type countingContext struct {
	context.Context
	told atomic.Int32
}

func (c *countingContext) Done() <-chan struct{} { return make(chan struct{}) }

func (c *countingContext) AfterFunc(func()) (stop func() bool) {
	c.told.Add(1)
	return func() bool { c.told.Add(-1); return true }
}

// A Group watches its context once, however many threads it has, and no longer than to
// Wait. Nor does it keep threads that have ended.
func TestGroupLeavesNothingBehind(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		ctx := &countingContext{Context: background}
		g := rt.NewGroup(ctx)
		for range 100 {
			g.Go(succeed)
		}
		if n := ctx.told.Load(); n != 1 {
			t.Errorf("%d watch the context", n)
		}
		until(func() bool { return g.Alive() == 0 })
		if n := g.Members(); n != 0 {
			t.Errorf("%d threads are still watched", n)
		}
		if err := g.Wait(); err != nil || ctx.told.Load() != 0 {
			t.Errorf("Wait: %v, and %d watch the context", err, ctx.told.Load())
		}
	})
}

// Groups work in bubbles of testing/synctest, whose contexts cancel the threads outside.
func TestGroupInBubble(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		synctest.Test(t, func(t *testing.T) {
			given, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			for _, ctx := range []context.Context{given, &foreignContext{given, make(chan struct{}), nil}} {
				g := rt.NewGroup(ctx)
				g.SetLimit(2)
				g.Go(succeed)
				g.Go(succeed)
				g.Go(fail)
				if err := g.Wait(); err != errFailure {
					t.Errorf("Wait: %v", err)
				}
			}
			g := rt.NewGroup(given)
			g.Go(sleepLong)
			cancel(errFailure)
			if err := g.Wait(); !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, errFailure) {
				t.Errorf("Wait: %v", err)
			}
		})
	})
}

// Nor do loops watch a context that they have been given for longer than they last: also those
// that end early, or by a panic.
func TestLoopsLeaveNothingBehind(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		ctx := &countingContext{Context: background}
		taken := 0
		for _, err := range gv.Map(ctx, count(10, &taken), 2, func(context.Context, int) (int, error) { return 0, nil }) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		if n := ctx.told.Load(); n != 0 {
			t.Errorf("%d watch the context after Map", n)
		}
		mustPanic(t, "sequence", func() {
			gv.ForEach(ctx, func(func(int) bool) { panic("sequence") }, 2, func(context.Context, int) error { return nil })
		})
		if n := ctx.told.Load(); n != 0 {
			t.Errorf("%d watch the context after ForEach", n)
		}
	})
}
