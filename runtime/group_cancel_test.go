package gv_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// Nothing starts once a Group is cancelled, in whatever way: threads that wait for their
// first turn then never get it.
func TestGroupStartsNothingAfterCancellation(t *testing.T) {
	cause := errors.New("cause")
	for name, end := range map[string]func(g *gv.Group, cancel context.CancelCauseFunc){
		"Cancel":  func(g *gv.Group, _ context.CancelCauseFunc) { g.Cancel(cause) },
		"context": func(_ *gv.Group, cancel context.CancelCauseFunc) { cancel(cause) },
	} {
		for _, engine := range engines {
			t.Run(name+"/"+engine.String(), func(t *testing.T) {
				undisturbed(t, gv.Config{Workers: 1, Engine: engine}, func(rt *gv.Runtime) error {
					ctx, cancel := context.WithCancelCause(background)
					g := rt.NewGroup(ctx)
					started := startBehindGate(rt, func() { end(g, cancel) }, g)
					if err := g.Go(succeed); !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, cause) {
						return fmt.Errorf("Go: %w", err)
					}
					if g.TryGo(succeed) {
						return errors.New("TryGo has started a thread")
					}
					if err := g.Wait(); !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, cause) {
						return fmt.Errorf("Wait: %w", err)
					}
					if n := started.Load(); n != 0 {
						return fmt.Errorf("%d threads have started", n)
					}
					return nil
				})
			})
		}
	}
}

// So it is after the first failure.
func TestGroupStartsNothingAfterFailure(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			undisturbed(t, gv.Config{Workers: 1, Engine: engine}, func(rt *gv.Runtime) error {
				g := rt.NewGroup(background)
				// It has its turn first, though it comes last.
				started := startBehindGate(rt, func() { g.Go(fail, gv.WithPriority(gv.High)) }, g)
				if err := g.Wait(); err != errFailure {
					return fmt.Errorf("Wait: %w", err)
				}
				if n := started.Load(); n != 0 {
					return fmt.Errorf("%d threads have started", n)
				}
				return nil
			})
		})
	}
}

// startBehindGate gives g functions while rt's only worker is taken, calls end, and lets the
// worker go. It returns how many of them are called.
func startBehindGate(rt *gv.Runtime, end func(), g *gv.Group) *atomic.Int32 {
	var started atomic.Int32
	gate := closeGate(rt)
	for range 20 {
		g.Go(func(context.Context) error { started.Add(1); return nil })
	}
	end()
	gate.open()
	gate.thread.Wait()
	return &started
}

// Cancel ends the contexts of the threads before it returns, and of what they have
// left running. It is no failure in itself.
func TestGroupCancel(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		for _, g := range []*gv.Group{rt.NewGroup(background), new(gv.Group)} {
			contexts := gv.NewChan[context.Context](2)
			begun := make(chan *gv.Thread, 1)
			g.Go(func(ctx context.Context) error {
				contexts.Send(ctx)
				begun <- gv.Go(sleepLong)
				return nil
			})
			g.Go(func(ctx context.Context) error {
				contexts.Send(ctx)
				gv.Block(func() { <-ctx.Done() })
				return nil
			})
			first, _ := contexts.Recv()
			second, _ := contexts.Recv()
			var left *gv.Thread
			gv.Block(func() { left = <-begun })
			until(func() bool { return g.Alive() == 1 })
			g.Cancel(errFailure)
			for _, ctx := range []context.Context{first, second} {
				if ctx.Err() != context.Canceled || context.Cause(ctx) != errFailure {
					t.Errorf("context: %v, %v", ctx.Err(), context.Cause(ctx))
				}
			}
			g.Cancel(errors.New("another cause"))
			if err := g.Wait(); err != nil {
				t.Errorf("Wait: %v", err)
			}
			if err := left.Wait(); !errors.Is(err, errFailure) {
				t.Errorf("what was left running: %v", err)
			}
			if n := g.Members(); n != 0 {
				t.Errorf("%d threads are still watched", n)
			}
			if err := g.Go(succeed); !errors.Is(err, errFailure) {
				t.Errorf("Go: %v", err)
			}
		}
	})
}

// Go stops waiting for the limit when the Group is cancelled, and SetLimit does not make
// it wait again; or when the calling thread is cancelled. What was not called counts as failed.
func TestGroupCancelsGo(t *testing.T) {
	cause := errors.New("cause")
	forEachCrew(t, func(t *testing.T, c *crew) {
		var g gv.Group
		g.SetLimit(0)
		for range 3 {
			c.start(func() {
				err := g.Go(func(context.Context) error { t.Error("a thread has started"); return nil })
				if !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, cause) {
					t.Errorf("Go: %v", err)
				}
			})
		}
		until(func() bool { return g.Waiting() == 3 })
		g.Cancel(cause)
		g.SetLimit(0)
		c.wait()
		if err := g.Wait(); !errors.Is(err, cause) {
			t.Errorf("Wait: %v", err)
		}

		other := c.rt.NewGroup(background)
		other.SetLimit(0)
		caller := c.rt.Go(func(context.Context) error { return other.Go(succeed) })
		until(func() bool { return other.Waiting() == 1 })
		caller.Cancel(cause)
		err := caller.Wait()
		if !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, cause) {
			t.Errorf("Go: %v", err)
		}
		if err2 := other.Wait(); err2 != err {
			t.Errorf("Wait: %v, want %v", err2, err)
		}
	})
}

// A cancelled thread starts nothing more.
func TestGroupGoInCancelledThread(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Do(func(context.Context) error {
			gv.Current().Cancel(errFailure)
			var g gv.Group
			if g.TryGo(succeed) {
				t.Error("TryGo has started a thread")
			}
			if err := g.Wait(); err != nil {
				t.Errorf("Wait: %v", err)
			}
			if err := g.Go(succeed); !errors.Is(err, errFailure) {
				t.Errorf("Go: %v", err)
			}
			return g.Wait()
		})
		if !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, errFailure) {
			t.Errorf("Wait: %v", err)
		}
	})
}

// The first error is not replaced by what follows from it: not by those of the cancelled, and
// not by one that comes when the failing thread's context ends.
func TestGroupErrorComesBeforeItsConsequences(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		for range 20 {
			for _, g := range []*gv.Group{rt.NewGroup(background), new(gv.Group)} {
				ended, begun := make(chan struct{}), gv.NewChan[bool](0)
				g.Go(func(context.Context) error {
					begun.Close()
					gv.Block(func() { <-ended })
					return errors.New("a consequence")
				})
				g.Go(func(ctx context.Context) error {
					begun.Recv()
					context.AfterFunc(ctx, func() { close(ended) })
					return errFailure
				})
				if err := g.Wait(); err != errFailure {
					t.Fatalf("Wait: %v", err)
				}
			}
		}
	})
}
