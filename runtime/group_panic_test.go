package gv_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"slices"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// panicsOf returns the values of the panics in err, which joins them.
func panicsOf(err error) (values []any) {
	switch e := err.(type) {
	case *gv.PanicError:
		return []any{e.Value}
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			values = append(values, panicsOf(err)...)
		}
	}
	return values
}

// A panic cancels the other threads at once, also in a zero Group, and is what Wait
// returns.
func TestGroupPanic(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		for _, g := range []*gv.Group{rt.NewGroup(background), new(gv.Group)} {
			g.Go(func(ctx context.Context) error {
				gv.Block(func() { <-ctx.Done() })
				var p *gv.PanicError
				if !errors.As(context.Cause(ctx), &p) || p.Value != "oh" {
					t.Errorf("the cause is %v", context.Cause(ctx))
				}
				return context.Cause(ctx)
			})
			g.Go(func(context.Context) error { panic("oh") })
			err := g.Wait()
			if p, ok := err.(*gv.PanicError); !ok || p.Value != "oh" || len(p.Stack) == 0 {
				t.Errorf("Wait: %v", err)
			}
			if err := g.Go(succeed); !errors.Is(err, gv.ErrCancelled) {
				t.Errorf("Go: %v", err)
			}
		}
	})
}

// No panic is lost: Wait joins those that are not the first failure.
func TestGroupJoinsPanics(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		g := rt.NewGroup(background)
		begun := gv.NewChan[int](2)
		for i := range 2 {
			g.Go(func(ctx context.Context) error {
				begun.Send(i)
				gv.Block(func() { <-ctx.Done() })
				panic(i)
			})
		}
		begun.Recv()
		begun.Recv()
		g.Go(fail)
		err := g.Wait()
		values := panicsOf(err)
		if !errors.Is(err, errFailure) || len(values) != 2 || !slices.Contains(values, any(0)) || !slices.Contains(values, any(1)) {
			t.Errorf("Wait: %v", err)
		}

		// One that several pass on is one.
		var zero gv.Group
		child := rt.Go(func(context.Context) error { panic("child") })
		for range 3 {
			zero.Go(func(context.Context) error { return child.Wait() })
		}
		if err := zero.Wait(); !slices.Equal(panicsOf(err), []any{"child"}) {
			t.Errorf("Wait: %v", err)
		}
	})
}

func TestGroupGoexit(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		g := rt.NewGroup(background)
		g.Go(sleepLong)
		g.Go(func(context.Context) error { goruntime.Goexit(); return nil })
		if err := g.Wait(); err != gv.ErrGoexit {
			t.Errorf("Wait: %v", err)
		}
	})
}

// The Run that the threads belong to returns a panic that Wait has not returned, and no
// other.
func TestGroupPanicInRun(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		panics := func(context.Context) error { panic("oh") }
		err := rt.Run(func(ctx context.Context) error {
			g := gv.NewGroup(ctx)
			g.Go(panics)
			until(func() bool { return g.Alive() == 0 })
			if err := g.Wait(); !slices.Equal(panicsOf(err), []any{"oh"}) {
				t.Errorf("Wait: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Errorf("Run after Wait: %v", err)
		}
		err = rt.Run(func(ctx context.Context) error {
			return gv.NewGroup(ctx).Go(panics)
		})
		if !slices.Equal(panicsOf(err), []any{"oh"}) {
			t.Errorf("Run without Wait: %v", err)
		}
	})
}

// OnPanic is for panics that nobody waits for: also when the one who did gives up. It comes
// after the cancellation.
func TestGroupOnPanic(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			var seen journal[any]
			var siblings *gv.Group
			rt := open(t, gv.Config{Workers: 2, Engine: engine, OnPanic: func(p *gv.PanicError) {
				// The other thread ends while this one has not.
				until(func() bool { return siblings.Alive() == 1 })
				seen.add(p.Value)
				goruntime.Goexit()
			}})
			panics := func(context.Context) error { panic("oh") }

			siblings = rt.NewGroup(background)
			siblings.Go(sleepLong)
			siblings.Go(panics)
			until(func() bool { return siblings.Alive() == 0 })
			if err := siblings.Wait(); !slices.Equal(panicsOf(err), []any{"oh"}) {
				t.Errorf("Wait: %v", err)
			}
			if got := seen.all(); !slices.Equal(got, []any{"oh"}) {
				t.Errorf("OnPanic got %v", got)
			}

			g := rt.NewGroup(background)
			gate := gv.NewChan[bool](0)
			g.Go(func(context.Context) error { gate.Recv(); panic("waited for") })
			waiter := rt.Go(func(context.Context) error {
				if err := g.Wait(); !slices.Equal(panicsOf(err), []any{"waited for"}) {
					t.Errorf("Wait: %v", err)
				}
				return nil
			})
			until(func() bool { return waiter.State() == gv.StateBlocked })
			gate.Close()
			waiter.Wait()
			if got := seen.all(); len(got) != 1 {
				t.Errorf("OnPanic got %v", got)
			}
		})
	}
}

// Whoever is cancelled while it waits for a Group leaves its panics to others.
func TestGroupPanicsOfAbandonedWait(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		for range 50 {
			var g gv.Group
			err := rt.Run(func(context.Context) error {
				gate := gv.NewChan[bool](0)
				g.Go(func(context.Context) error { gate.Recv(); panic("first") })
				g.Go(func(context.Context) error { gate.Recv(); gv.Yield(); return nil })
				waiter := gv.Go(func(ctx context.Context) error { return g.WaitContext(ctx) })
				until(func() bool { return waiter.State() == gv.StateBlocked })
				gate.Close()
				gv.Yield()
				waiter.Cancel(nil)
				if err := waiter.Wait(); err != nil && len(panicsOf(err)) == 0 {
					return nil
				}
				return errFailure // it was told
			})
			if !errors.Is(err, errFailure) && !slices.Equal(panicsOf(err), []any{"first"}) {
				t.Fatalf("Run: %v", err)
			}
			// In time or not, Wait tells.
			if err := g.Wait(); !slices.Equal(panicsOf(err), []any{"first"}) {
				t.Fatalf("Wait: %v", err)
			}
		}
	})
}

// As long as the Group is there its panics are kept for Wait. When nobody can call that any
// more they end the process.
func TestGroupPanicNobodyWaitsFor(t *testing.T) {
	if inChild() {
		rt, err := gv.New(gv.Config{})
		if err != nil {
			t.Fatal(err)
		}
		rt.NewGroup(background).Go(panicWith("nobody hears this"))
		for range 1000 {
			goruntime.GC()
			time.Sleep(5 * time.Millisecond)
		}
		return
	}
	rt := open(t, gv.Config{})
	g := rt.NewGroup(background)
	g.Go(panicWith("kept"))
	until(func() bool { return g.Alive() == 0 })
	for range 3 {
		goruntime.GC()
	}
	if err := wantPanic(g.Wait(), "kept"); err != nil {
		t.Error(err)
	}
	out, err := child(t)
	if err == nil || !strings.Contains(out, "nobody hears this") {
		t.Errorf("error %v, output:\n%s", err, out)
	}
}

// What can't be started has failed, and leaves its place to others; TryGo just says so.
func TestGroupThatCannotStart(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			rt := open(t, gv.Config{Workers: 1, MaxThreads: 1, Engine: engine})
			g := rt.NewGroup(background)
			g.SetLimit(2)
			release := make(chan struct{})
			g.Go(func(context.Context) error { gv.Block(func() { <-release }); return nil })
			for range 3 {
				if g.TryGo(succeed) {
					t.Error("TryGo has started a thread beyond MaxThreads")
				}
			}
			err := g.Go(succeed)
			if !errors.Is(err, gv.ErrTooManyThreads) {
				t.Errorf("Go: %v", err)
			}
			close(release)
			if err2 := g.Wait(); err2 != err {
				t.Errorf("Wait: %v, want %v", err2, err)
			}
			if n := g.Members(); n != 0 {
				t.Errorf("%d threads are still watched", n)
			}
			late := rt.NewGroup(background)
			if err := rt.Close(); err != nil {
				t.Error(err)
			}
			if err := late.Go(succeed); err != gv.ErrRuntimeClosed || late.Wait() != err {
				t.Errorf("Go after Close: %v", err)
			}
		})
	}
}
