package gv_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// contextOf runs a thread that does what body says and returns its context after its
// end.
func contextOf(t *testing.T, rt *gv.Runtime, body func(ctx context.Context), opts ...gv.Option) context.Context {
	t.Helper()
	var own context.Context
	if err := rt.Do(func(ctx context.Context) error {
		own = ctx
		body(ctx)
		return nil
	}, opts...); err != nil {
		t.Fatal(err)
	}
	return own
}

// Whenever somebody asks first, a context has ended when its thread has, for those
// who wait for it in all ways.
func TestContextEndsWithThread(t *testing.T) {
	given, cancel := context.WithTimeout(context.Background(), long)
	defer cancel()
	nothing := func(context.Context) {}
	askDone := func(ctx context.Context) { ctx.Done() }
	for name, opts := range map[string][]gv.Option{"plain": nil, "with a context": {gv.WithContext(given)}} {
		for when, body := range map[string]func(context.Context){"first asked after": nothing, "asked before": askDone} {
			t.Run(name+", "+when, func(t *testing.T) {
				onEachEngine(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
					for _, first := range []func(ctx context.Context){
						func(ctx context.Context) { <-ctx.Done() },
						func(ctx context.Context) { ctx.Err() },
						func(ctx context.Context) { context.Cause(ctx) },
						func(ctx context.Context) {
							called := make(chan struct{})
							if stop := context.AfterFunc(ctx, func() { close(called) }); stop() {
								t.Error("an AfterFunc waits for a context that has ended")
							}
							<-called
						},
						func(ctx context.Context) {
							derived, stop := context.WithTimeout(ctx, long)
							defer stop()
							if err := wantEnd(derived, context.Canceled, gv.ErrThreadEnded); err != nil {
								t.Error(err)
							}
						},
					} {
						ctx := contextOf(t, rt, body, opts...)
						first(ctx)
						if err := wantEnd(ctx, context.Canceled, gv.ErrThreadEnded); err != nil {
							t.Error(err)
						}
					}
				})
			})
		}
	}
	if !errors.Is(gv.ErrThreadEnded, context.Canceled) {
		t.Error("ErrThreadEnded is no context.Canceled")
	}
}

// What has ended stays as it has ended: for the thread's own cancellation, too.
func TestContextEndIsFinal(t *testing.T) {
	onEachEngine(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		var self *gv.Thread
		ctx := contextOf(t, rt, func(context.Context) { self = gv.Current() })
		for range 2 {
			if err := wantEnd(ctx, context.Canceled, gv.ErrThreadEnded); err != nil {
				t.Error(err)
			}
			self.Cancel(errStop)
		}
		cancelled := contextOf(t, rt, func(context.Context) { gv.Current().Cancel(errStop) })
		if err := wantEnd(cancelled, context.Canceled, errStop); err != nil {
			t.Error(err)
		}
	})
}

// goroutines that wait for the contexts of threads that have ended go on.
func TestNothingWaitsForEndedThreads(t *testing.T) {
	const n = 500
	onEachEngine(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		var waiting sync.WaitGroup
		for range n {
			contextOf(t, rt, func(ctx context.Context) {
				waiting.Go(func() { <-ctx.Done() })
			})
		}
		waiting.Wait()
	})
}

// As long as one of a thread's descendants has not ended, the thread's context is
// open after its end, ends for the reasons that it could have ended before, and takes
// the descendants with it.
func TestContextOutlivesThreadForItsChildren(t *testing.T) {
	const timeout = 20 * time.Millisecond
	for name, tt := range map[string]struct {
		timeout time.Duration
		end     func(root *gv.Thread, cancelGiven context.CancelCauseFunc, rt *gv.Runtime)
		err     error
		cause   error
	}{
		"the given one ends": {long, func(_ *gv.Thread, cancel context.CancelCauseFunc, _ *gv.Runtime) { cancel(errStop) }, context.Canceled, errStop},
		"deadline":           {timeout, func(*gv.Thread, context.CancelCauseFunc, *gv.Runtime) {}, context.DeadlineExceeded, context.DeadlineExceeded},
		"cancelled":          {long, func(root *gv.Thread, _ context.CancelCauseFunc, _ *gv.Runtime) { root.Cancel(errStop) }, context.Canceled, errStop},
		"Close":              {long, func(_ *gv.Thread, _ context.CancelCauseFunc, rt *gv.Runtime) { rt.Close() }, context.Canceled, gv.ErrRuntimeClosed},
	} {
		t.Run(name, func(t *testing.T) {
			onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
				base, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				given, stop := context.WithTimeout(base, tt.timeout)
				defer stop()
				var root, child *gv.Thread
				var rootCtx, middleCtx, childCtx context.Context
				started := make(chan struct{})
				root = rt.Go(func(ctx context.Context) error {
					rootCtx = ctx
					gv.Go(func(ctx context.Context) error {
						middleCtx = ctx
						child = gv.Go(func(ctx context.Context) error {
							childCtx = ctx
							close(started)
							// It looks at none but the one that started all.
							gv.Block(func() { <-rootCtx.Done() })
							return gv.Sleep(long)
						})
						return nil
					}, gv.WithContext(ctx))
					return nil
				}, gv.WithContext(given))
				if err := root.Wait(); err != nil {
					t.Fatal(err)
				}
				<-started
				if tt.timeout == long {
					if err := errors.Join(rootCtx.Err(), middleCtx.Err(), childCtx.Err()); err != nil {
						t.Errorf("while a descendant runs: %v", err)
					}
				}
				tt.end(root, cancel, rt)
				<-rootCtx.Done()
				if err := child.Wait(); !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, tt.cause) {
					t.Errorf("the child ends with %v", err)
				}
				for _, ctx := range []context.Context{rootCtx, middleCtx, childCtx} {
					if err := wantEnd(ctx, tt.err, tt.cause); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

// A Run whose root has returned still ends by its deadline.
func TestRunEndsByDeadlineAfterItsRoot(t *testing.T) {
	onEachEngine(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		run := func(timeout time.Duration) (begun int32, slept, given, err error) {
			ctx, cancel := context.WithTimeout(context.Background(), timeout)
			defer cancel()
			var children atomic.Int32
			err = rt.Run(func(ctx context.Context) error {
				gv.Go(func(context.Context) error {
					children.Add(1)
					slept = gv.Sleep(long)
					return nil
				})
				gv.Go(func(context.Context) error {
					children.Add(1)
					given = gv.Sleep(long)
					return nil
				}, gv.WithContext(ctx))
				return nil
			}, gv.WithContext(ctx))
			return children.Load(), slept, given, err
		}
		timeout := 20 * time.Millisecond
		begun, slept, given, err := run(timeout)
		for begun < 2 { // the deadline has come before their first turns
			timeout *= 2
			begun, slept, given, err = run(timeout)
		}
		if err != nil {
			t.Error(err)
		}
		for _, err := range []error{slept, given} {
			if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, gv.ErrCancelled) {
				t.Errorf("a child ends with %v", err)
			}
		}
	})
}

// A context that is first asked for Done in the thread's last moments ends, too; and
// what the thread starts then is its own.
func TestContextAskedForInOnPanic(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			var own context.Context
			var ended <-chan struct{}
			var child *gv.Thread
			rt := open(t, gv.Config{Engine: engine, OnPanic: func(*gv.PanicError) {
				ended = own.Done()
				if child == nil {
					child = gv.Go(func(context.Context) error { return gv.Sleep(long) })
				}
			}})
			for _, body := range []func(context.Context) error{
				panicWith("here"),
				// It is the result of this thread, too.
				func(context.Context) error { return gv.Go(panicWith("in a child")).Wait() },
			} {
				for _, withChild := range []bool{true, false} {
					if withChild {
						child = nil
					}
					th := rt.Go(func(ctx context.Context) error {
						own = ctx
						return body(ctx)
					})
					<-th.Done()
					if withChild {
						if own.Err() != nil {
							t.Errorf("while a child runs: %v", own.Err())
						}
						th.Cancel(errStop)
						if err := child.Wait(); !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, errStop) {
							t.Errorf("the child ends with %v", err)
						}
					}
					<-ended
					if own.Err() != context.Canceled {
						t.Errorf("it ends with %v", own.Err())
					}
				}
			}
		})
	}
}

// Err and Done agree, whoever ends a context and whoever asks at that moment.
func TestContextEndRaces(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		for round := range 300 {
			contexts := make(chan context.Context, 1)
			var open atomic.Bool
			th := rt.Go(func(ctx context.Context) error {
				contexts <- ctx
				until(open.Load) // not by Yield alone: that lets no goroutine run where there is one P
				return nil
			})
			ctx := <-contexts
			var watchers sync.WaitGroup
			for i := range 3 {
				watchers.Go(func() {
					if i > 0 {
						ctx.Done()
					}
					for ctx.Err() == nil {
						goruntime.Gosched()
					}
					cause := context.Cause(ctx)
					if err := wantEnd(ctx, context.Canceled, cause); err != nil {
						t.Errorf("round %d: %v", round, err)
					}
					if cause != errStop && cause != gv.ErrThreadEnded {
						t.Errorf("round %d: the cause is %v", round, cause)
					}
				})
			}
			if round%2 == 0 {
				go th.Cancel(errStop)
			}
			open.Store(true)
			watchers.Wait()
			if err := th.Wait(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Threads that have ended leave no goroutine and no memory behind, though their
// contexts were asked for Done: on a runtime that stays open, beside a given context
// that does, and with a parent that lives on.
func TestEndedContextsLeaveNothing(t *testing.T) {
	n := 500_000
	if testing.Short() {
		n = 50_000
	}
	given, cancel := context.WithCancel(context.Background())
	defer cancel()
	run := func(n int) {
		for i := range n {
			_ = gv.Do(func(ctx context.Context) error {
				derived, stop := context.WithCancel(ctx)
				defer []func(){stop, func() {}}[i%2]() // some never stop it
				context.AfterFunc(derived, func() {})
				return nil
			}, gv.WithContext(given))
		}
	}
	check := func(t *testing.T) {
		run(1000)
		before, goroutines := heapInUse(), goruntime.NumGoroutine()
		run(n)
		// AfterFunc's goroutines may be on their way.
		until(func() bool { return goruntime.NumGoroutine() <= goroutines+10 })
		if after := heapInUse(); after > before+uint64(n)*8 {
			t.Errorf("%d threads have left %d bytes behind", n, after-before)
		}
	}
	t.Run("of a goroutine", check)
	t.Run("of a thread", func(t *testing.T) {
		if err := gv.Run(func(context.Context) error {
			check(t)
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
}

// heapInUse returns the size of what a collection leaves.
func heapInUse() uint64 {
	for range 2 {
		goruntime.GC() // the second frees what finalizers and pools have held
	}
	var m goruntime.MemStats
	goruntime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Nothing is allocated for a context that nobody asks for Done.
func TestContextIsFree(t *testing.T) {
	onEachEngine(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		if err := rt.Run(func(ctx context.Context) error {
			type key struct{}
			if n := testing.AllocsPerRun(100, func() {
				if ctx.Err() != nil || ctx.Value(key{}) != nil {
					panic("it has ended, or has a value")
				}
			}); n > 0 {
				return fmt.Errorf("%v allocations", n)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
}
