package gv_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

var errFailure = errors.New("failure")

func succeed(context.Context) error { return nil }

func fail(context.Context) error { return errFailure }

// sleepLong runs until it is cancelled.
func sleepLong(context.Context) error { return gv.Sleep(long) }

// What follows is what the documentation of golang.org/x/sync/errgroup says of its Group.

// Wait returns when all functions have, with the first error. The context ends with
// that error.
func TestGroupCancelsOnFirstError(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		g := rt.NewGroup(background)
		var begun, returned atomic.Int32
		for range 3 {
			g.Go(func(ctx context.Context) error {
				begun.Add(1)
				defer returned.Add(1)
				gv.Block(func() { <-ctx.Done() })
				if ctx.Err() != context.Canceled || context.Cause(ctx) != errFailure {
					t.Errorf("the context has ended with %v, %v", ctx.Err(), context.Cause(ctx))
				}
				return errors.New("a consequence")
			})
			g.Go(sleepLong)
		}
		g.Go(func(context.Context) error {
			until(func() bool { return begun.Load() == 3 })
			return errFailure
		})
		if err := g.Wait(); err != errFailure {
			t.Errorf("Wait: %v", err)
		}
		if n := returned.Load(); n != 3 {
			t.Errorf("Wait returned when %d of 3 had", n)
		}
		if err := g.Wait(); err != errFailure {
			t.Errorf("second Wait: %v", err)
		}
	})
}

// The zero Group is ready to use, has no limit, and is not cancelled by an error.
func TestZeroGroup(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		var g gv.Group
		if err := g.Wait(); err != nil {
			t.Errorf("Wait for nothing: %v", err)
		}
		failed := gv.NewChan[bool](0)
		const n = 50
		var together atomic.Int32
		for range n {
			g.Go(func(ctx context.Context) error {
				together.Add(1)
				if _, err := failed.Recv(); err != gv.ErrClosed {
					return err
				}
				return ctx.Err()
			})
		}
		until(func() bool { return together.Load() == n })
		other := make(chan struct{})
		g.Go(func(context.Context) error { defer close(other); return errFailure })
		gv.Block(func() { <-other })
		failed.Close()
		if err := g.Wait(); err != errFailure {
			t.Errorf("Wait: %v", err)
		}
		// It may go on.
		ran := false
		if err := g.Go(func(context.Context) error { ran = true; return nil }); err != nil {
			t.Errorf("Go: %v", err)
		}
		if err := g.Wait(); err != errFailure || !ran {
			t.Errorf("Wait: %v, and the function ran: %v", err, ran)
		}
	})
}

// The context ends when Wait returns, if not before.
func TestGroupEndsWithWait(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		g := rt.NewGroup(background)
		var derived context.Context
		var left *gv.Thread
		g.Go(func(ctx context.Context) error {
			derived = ctx
			left = gv.Go(sleepLong)
			return nil
		})
		if err := g.Wait(); err != nil {
			t.Errorf("Wait: %v", err)
		}
		if err := left.Wait(); !errors.Is(err, gv.ErrCancelled) {
			t.Errorf("what was left running: %v", err)
		}
		if derived.Err() != context.Canceled {
			t.Errorf("the context: %v", derived.Err())
		}
		called := false
		err := g.Go(func(context.Context) error { called = true; return nil })
		if want := "gv: thread cancelled: gv: the Group has ended"; err == nil || err.Error() != want || called {
			t.Errorf("Go after Wait: %v, want %s; the function was called: %v", err, want, called)
		}
		if g.TryGo(succeed) {
			t.Error("TryGo after Wait has started a thread")
		}
		// A function that was not called has failed.
		if err2 := g.Wait(); err2 != err {
			t.Errorf("Wait after that: %v", err2)
		}
	})
}

// No more run at a time than the limit says, and so many do.
func TestGroupLimit(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		for _, limit := range []int{1, 3} {
			g := rt.NewGroup(background)
			g.SetLimit(limit)
			var running, started atomic.Int32
			for range 10 * limit {
				err := g.Go(func(context.Context) error {
					running.Add(1)
					started.Add(1)
					until(func() bool { return started.Load() >= int32(limit) })
					gv.Yield()
					if running.Add(-1) >= int32(limit) {
						t.Errorf("more than %d run at a time", limit)
					}
					return nil
				})
				if err != nil {
					t.Errorf("Go: %v", err)
				}
			}
			if err := g.Wait(); err != nil || started.Load() != int32(10*limit) {
				t.Errorf("Wait: %v, and %d have run", err, started.Load())
			}
		}
	})
}

// TryGo starts a thread only below the limit. A limit of zero prevents all, a
// negative one none.
func TestGroupTryGo(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		g := rt.NewGroup(background)
		stop := gv.NewChan[bool](0)
		untilStopped := func(context.Context) error {
			if _, err := stop.Recv(); err != gv.ErrClosed {
				return err
			}
			return nil
		}
		g.SetLimit(0)
		if g.TryGo(succeed) {
			t.Error("TryGo has started a thread with a limit of 0")
		}
		g.SetLimit(2)
		for i := range 3 {
			if got, want := g.TryGo(untilStopped), i < 2; got != want {
				t.Errorf("TryGo reports %v with %d alive and a limit of 2", got, i)
			}
		}
		stop.Close()
		until(func() bool { return g.TryGo(succeed) })
		until(func() bool { return g.Alive() == 0 })
		g.SetLimit(-1)
		var begun atomic.Int32
		gate := gv.NewChan[bool](0)
		for range 20 {
			if !g.TryGo(func(context.Context) error { begun.Add(1); gate.Recv(); return nil }) {
				t.Error("TryGo has started none without a limit")
			}
		}
		until(func() bool { return begun.Load() == 20 })
		gate.Close()
		if err := g.Wait(); err != nil {
			t.Errorf("Wait: %v", err)
		}
	})
}

// The limit must not be changed while threads are alive.
func TestGroupMisuse(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		g := rt.NewGroup(background)
		gate := gv.NewChan[bool](0)
		g.Go(func(context.Context) error { gate.Recv(); return nil })
		mustPanic(t, "gv: Group.SetLimit(2): 1 threads of the Group are alive: set the limit before Go, or after Wait",
			func() { g.SetLimit(2) })
		gate.Close()
		mustPanic(t, "gv: NewGroup of a nil Runtime", func() { (*gv.Runtime)(nil).NewGroup(background) })
		mustPanic(t, "gv: Group.Go of a nil function", func() { g.Go(nil) })
		mustPanic(t, "gv: Group.TryGo of a nil function", func() { g.TryGo(nil) })
		const context = " with WithContext: the context of a Group's threads is the one that NewGroup was given"
		mustPanic(t, "gv: Group.Go"+context, func() { g.Go(succeed, gv.WithContext(background)) })
		mustPanic(t, "gv: Group.TryGo"+context, func() { g.TryGo(succeed, gv.WithContext(background)) })
		mustPanic(t, "gv: NewGroup"+context, func() { rt.NewGroup(background, gv.WithContext(background)) })
		if err := g.Wait(); err != nil {
			t.Errorf("Wait: %v", err)
		}
	})
}
