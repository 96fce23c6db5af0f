package gv_test

import (
	"context"
	"errors"
	"runtime/debug"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// Cancellation reaches those that a long chain of threads has started, each by the one before,
// on a small stack.
func TestCancelDeepFamily(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		last := make(chan *gv.Thread)
		var start func(left int) func(context.Context) error
		start = func(left int) func(context.Context) error {
			return func(context.Context) error {
				if left > 0 {
					gv.Go(start(left - 1))
					return nil
				}
				gv.Block(func() { last <- gv.Current() })
				return gv.Sleep(long)
			}
		}
		first := rt.Go(start(20_000))
		th := <-last
		defer debug.SetMaxStack(debug.SetMaxStack(1 << 20))
		first.Cancel(errStop)
		if err := wantCancelled(th.Wait()); err != nil {
			t.Error(err)
		}
	})
}

// A leavingContext calls left when the watch over it ends.
type leavingContext struct {
	context.Context
	left func()
}

func (leavingContext) Done() <-chan struct{} { return make(chan struct{}) }

func (c leavingContext) AfterFunc(func()) (stop func() bool) {
	return func() bool {
		c.left()
		return true
	}
}

// Close finds, and cancels, also what a thread starts when its family is over.
func TestStartedAfterFamily(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			rt := newRuntime(t, gv.Config{Workers: 2, Engine: engine})
			defer watchdog(t)()
			var late *gv.Thread
			ctx := leavingContext{context.Background(), func() {
				late = gv.Go(func(context.Context) error { return gv.Sleep(long) })
			}}
			nothing := func(context.Context) error { return nil }
			if err := rt.Go(nothing, gv.WithContext(ctx)).Wait(); err != nil {
				t.Error(err)
			}
			if got := ids(rt); len(got) != 1 || got[0] != late.ID() {
				t.Errorf("threads %v are found, want thread %d alone", got, late.ID())
			}
			if err := rt.Close(); err != nil {
				t.Error(err)
			}
			if err := late.Err(); !errors.Is(err, gv.ErrRuntimeClosed) {
				t.Errorf("thread %d ended with %v", late.ID(), err)
			}
		})
	}
}
