package gv_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	gv "github.com/gvthread/gvthread/runtime"
)

// The context of a thread ends outside of the bubble in which the thread was started:
// with the thread, with the thread's cancellation there, with the end of a context that
// the bubble has made, and when the runtime is closed there. The thread sees that in
// what it has derived, and the bubble in Done, Err and Cause.
func TestContextsEndAcrossBubbles(t *testing.T) {
	enough := errors.New("enough")
	for name, test := range map[string]struct {
		end  func(rt *gv.Runtime, th *gv.Thread, cancelGiven context.CancelCauseFunc)
		want error
	}{
		"end":    {func(_ *gv.Runtime, th *gv.Thread, _ context.CancelCauseFunc) {}, gv.ErrThreadEnded},
		"Cancel": {func(_ *gv.Runtime, th *gv.Thread, _ context.CancelCauseFunc) { th.Cancel(enough) }, enough},
		"given":  {func(_ *gv.Runtime, _ *gv.Thread, cancel context.CancelCauseFunc) { cancel(enough) }, enough},
		"Close": {func(rt *gv.Runtime, _ *gv.Thread, _ context.CancelCauseFunc) {
			if err := rt.Close(); err != nil {
				panic(err)
			}
		}, gv.ErrRuntimeClosed},
	} {
		t.Run(name, func(t *testing.T) {
			onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
				synctest.Test(t, func(t *testing.T) {
					given, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					begun, asked := gv.NewChan[context.Context](0), gv.NewChan[bool](0)
					th := rt.Go(func(ctx context.Context) error {
						if err := begun.Send(ctx); err != nil {
							return err
						}
						if _, err := asked.Recv(); err != nil || test.want == gv.ErrThreadEnded {
							return err
						}
						derived, stop := context.WithTimeout(ctx, long)
						defer stop()
						gv.Block(func() { <-derived.Done() })
						return context.Cause(derived)
					}, gv.WithContext(given))
					ctx, err := begun.Recv()
					if err != nil {
						t.Fatal(err)
					}
					done := ctx.Done()
					if err := asked.Send(true); err != nil {
						t.Fatal(err)
					}
					test.end(rt, th, cancel)
					if err := th.Wait(); test.want != gv.ErrThreadEnded && !errors.Is(err, test.want) {
						t.Errorf("Wait: %v, want %v", err, test.want)
					}
					<-done
					if err, cause := ctx.Err(), context.Cause(ctx); err != context.Canceled || !errors.Is(cause, test.want) {
						t.Errorf("the context has ended with %v, %v; want context.Canceled, %v", err, cause, test.want)
					}
				})
			})
		})
	}
}

// A foreignContext is none of package context's own.
type foreignContext struct {
	context.Context
	done chan struct{}
	err  error
}

func (c *foreignContext) Done() <-chan struct{} { return c.done }

func (c *foreignContext) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

// A telling context is foreign, and calls by itself what waits for its end.
type tellingContext struct {
	*foreignContext
	after func()
}

func (c *tellingContext) AfterFunc(f func()) (stop func() bool) {
	c.after = f
	return func() bool { c.after = nil; return true }
}

// A context of a bubble that package context doesn't know cancels the threads that it is
// given to, and their end, which is outside of the bubble, ends the watch over it.
func TestForeignContextsInABubble(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		synctest.Test(t, func(t *testing.T) {
			foreign := &foreignContext{context.Background(), make(chan struct{}), context.Canceled}
			telling := &tellingContext{foreignContext: foreign}
			for _, given := range []context.Context{foreign, telling} {
				if err := rt.Go(realSleep, gv.WithContext(given)).Wait(); err != nil {
					t.Errorf("a thread that ended itself: %v", err)
				}
			}
			if telling.after != nil {
				t.Error("the context is still watched")
			}
			sleep := func(context.Context) error { return gv.Sleep(long) }
			first, second := rt.Go(sleep, gv.WithContext(foreign)), rt.Go(sleep, gv.WithContext(telling))
			close(foreign.done)
			telling.after()
			for _, th := range []*gv.Thread{first, second} {
				if err := th.Wait(); !errors.Is(err, gv.ErrCancelled) {
					t.Errorf("a thread whose context has ended: %v", err)
				}
			}
		})
	})
}
