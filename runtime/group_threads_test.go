package gv_test

import (
	"context"
	"slices"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// What follows is what threads add to what errgroup's goroutines have.

// Threads have the Group's options, and their own besides; values and deadline of its
// context; and belong to its runtime.
func TestGroupOptions(t *testing.T) {
	type key struct{}
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		ctx, cancel := context.WithTimeout(context.WithValue(background, key{}, "value"), long)
		defer cancel()
		g := rt.NewGroup(ctx, gv.WithName("member"), gv.WithPriority(gv.Low))
		var seen journal[string]
		look := func(ctx context.Context) error {
			me := gv.Current()
			_, timed := ctx.Deadline()
			if ctx.Value(key{}) != "value" || !timed {
				t.Errorf("value %v, deadline %v", ctx.Value(key{}), timed)
			}
			seen.add(me.Name() + " " + me.Priority().String())
			return nil
		}
		g.Go(look)
		g.Go(look, gv.WithName("special"))
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
		got := seen.all()
		slices.Sort(got)
		if !slices.Equal(got, []string{"member Low", "special Low"}) {
			t.Errorf("threads %v", got)
		}
		var none context.Context
		if err := rt.NewGroup(none).Wait(); err != nil {
			t.Error(err)
		}
		// The package's function takes the caller's runtime.
		err := rt.Run(func(ctx context.Context) error {
			g := gv.NewGroup(ctx)
			g.Go(succeed)
			return g.Wait()
		})
		if s := rt.Stats(); err != nil || s.Started != 4 {
			t.Errorf("error %v, %d threads have been started", err, s.Started)
		}
	})
}

// Those who wait for the limit are served by priority.
func TestGroupServesByPriority(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		var g gv.Group
		g.SetLimit(1)
		gate := gv.NewChan[bool](0)
		var order journal[gv.Priority]
		var callers []*gv.Thread
		for i, p := range []gv.Priority{gv.Critical, gv.Low, gv.Normal, gv.High} {
			callers = append(callers, rt.Go(func(context.Context) error {
				return g.Go(func(context.Context) error {
					if i == 0 {
						gate.Recv()
					}
					order.add(p)
					return nil
				})
			}, gv.WithPriority(p)))
			until(func() bool { return g.Alive() == 1 && g.Waiting() == i })
		}
		gate.Close()
		if err := waitAll(callers); err != nil {
			t.Error(err)
		}
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
		if got := order.all(); !slices.Equal(got, []gv.Priority{gv.Critical, gv.High, gv.Normal, gv.Low}) {
			t.Errorf("order %v", got)
		}
	})
}

// A dump says what those wait for who use a Group.
func TestGroupInDump(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		g := rt.NewGroup(background)
		g.SetLimit(1)
		g.Go(sleepLong)
		waits := []*gv.Thread{
			rt.Go(func(context.Context) error { return g.Wait() }),
			rt.Go(func(context.Context) error { return g.Go(succeed) }),
		}
		for i, want := range []string{"for the threads of a Group", "for the limit of a Group"} {
			until(func() bool { return waits[i].State() == gv.StateBlocked })
			if got := waits[i].Waiting(); got != want {
				t.Errorf("waits %q, want %q", got, want)
			}
		}
		g.Cancel(nil)
		g.Wait()
	})
}
