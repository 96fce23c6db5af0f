package gv_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// Run waits for its thread and for all that it starts, directly or not, and for
// nobody else.
func TestRunWaitsForItsOwn(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		c := gv.NewChan[int](0)
		stranger := rt.Go(func(context.Context) error { _, err := c.Recv(); return err })
		var ended atomic.Int32
		var tree func(depth int) func(context.Context) error
		tree = func(depth int) func(context.Context) error {
			return func(context.Context) error {
				for range 2 * min(depth, 1) {
					gv.Go(tree(depth - 1))
				}
				gv.Yield()
				ended.Add(1)
				return nil
			}
		}
		if err := rt.Run(tree(6)); err != nil {
			t.Error(err)
		}
		if n := ended.Load(); n != 127 {
			t.Errorf("Run returned when %d of 127 threads had ended", n)
		}
		if s := stranger.State(); s == gv.StateDone {
			t.Error("another thread has ended")
		}
		if err := c.Send(1); err != nil {
			t.Error(err)
		}
		if err := stranger.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// Runs may be nested and may go on at the same time, in goroutines and threads;
// each waits for its own.
func TestRunsNestAndOverlap(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				var inner, outer atomic.Int32
				err := rt.Run(func(context.Context) error {
					for range 5 {
						gv.Go(func(context.Context) error { gv.Yield(); outer.Add(1); return nil })
					}
					err := gv.Run(func(context.Context) error {
						for range 5 {
							gv.Go(func(context.Context) error { gv.Yield(); inner.Add(1); return nil })
						}
						return nil
					})
					if n := inner.Load(); n != 5 {
						t.Errorf("the inner Run returned when %d of 5 threads had ended", n)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
				if n := outer.Load(); n != 5 {
					t.Errorf("the outer Run returned when %d of 5 threads had ended", n)
				}
			})
		}
		wg.Wait()
	})
}

// nestedRuns calls Run in Run, as deep as said, and fn in the last, and counts in returned the
// calls that have returned.
func nestedRuns(depth int, fn func(context.Context) error, returned *atomic.Int32) func(context.Context) error {
	if depth == 0 {
		return fn
	}
	return func(context.Context) error {
		defer returned.Add(1)
		return gv.Run(nestedRuns(depth-1, fn, returned))
	}
}

// A Run waits for what those in its threads have left behind, being cancelled, and returns the
// panics of that.
func TestRunWaitsForWhatOthersLeave(t *testing.T) {
	for depth := range 4 {
		t.Run(fmt.Sprint(depth), func(t *testing.T) {
			onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
				var running, ended atomic.Bool
				var returned atomic.Int32
				release := make(chan struct{})
				caller := rt.Go(func(context.Context) error {
					err := gv.Run(func(context.Context) error {
						child := gv.Go(nestedRuns(depth, func(context.Context) error {
							running.Store(true)
							gv.Block(func() { <-release })
							ended.Store(true)
							panic("left")
						}, &returned))
						until(running.Load)
						child.Cancel(nil)
						until(func() bool { return returned.Load() == int32(depth) })
						return nil
					})
					if !ended.Load() {
						t.Error("Run has left a thread behind")
					}
					return err
				})
				until(func() bool {
					return caller.State() == gv.StateBlocked && caller.Waiting() == "for the threads of a Run" || caller.State() == gv.StateDone
				})
				close(release)
				if err := caller.Wait(); !slices.Equal(panicsOf(err), []any{"left"}) {
					t.Errorf("Run: %v", err)
				}
			})
		})
	}
}

// So it is also where the threads end just when the inner one is cancelled.
func TestRunLeavesThreadsThatEnd(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		var alive atomic.Int32
		for i := range 200 {
			var returned atomic.Int32
			err := rt.Run(func(context.Context) error {
				child := gv.Go(nestedRuns(1+i%3, func(context.Context) error {
					for range 3 {
						gv.Go(func(context.Context) error {
							alive.Add(1)
							defer alive.Add(-1)
							for range i % 7 {
								gv.Yield()
							}
							return nil
						})
					}
					return nil
				}, &returned))
				for range i % 5 {
					gv.Yield()
				}
				child.Cancel(nil)
				return nil
			})
			if err != nil {
				t.Errorf("Run: %v", err)
			}
			if n := alive.Load(); n != 0 {
				t.Fatalf("%d threads are alive after Run", n)
			}
		}
	})
}

func TestRunReturnsTheResult(t *testing.T) {
	rt := open(t, gv.Config{})
	wrong := errors.New("wrong")
	if err := rt.Run(func(context.Context) error { return wrong }); err != wrong {
		t.Errorf("%v, want %v", err, wrong)
	}
	if err := rt.Run(func(context.Context) error { goruntime.Goexit(); return nil }); err != gv.ErrGoexit {
		t.Errorf("%v, want %v", err, gv.ErrGoexit)
	}
}

// A Run that is cancelled says so once, though it has waited for its thread and would wait for
// what that has started.
func TestCancelledRunReturnsOneError(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		release := make(chan struct{})
		caller := rt.Go(func(context.Context) error {
			return gv.Run(func(context.Context) error { gv.Block(func() { <-release }); return nil })
		})
		until(func() bool { return caller.State() == gv.StateBlocked })
		caller.Cancel(errFailure)
		err := caller.Wait()
		if want := "gv: thread cancelled: failure"; err == nil || err.Error() != want || !errors.Is(err, errFailure) {
			t.Errorf("%v, want %s", err, want)
		}
		close(release)
	})
}

// The functions of the package use the calling thread's runtime, and the default
// one in a goroutine.
func TestDefaultRuntime(t *testing.T) {
	defer watchdog(t)()
	inDefault := gv.Go(func(context.Context) error { return gv.Run(func(context.Context) error { return nil }) })
	if err := inDefault.Wait(); err != nil {
		t.Error(err)
	}
	if s := gv.DefaultRuntime().Stats(); s.Started < 2 || s.Closed {
		t.Errorf("the default runtime has started %d threads, want at least 2; closed %v", s.Started, s.Closed)
	}
	rt := open(t, gv.Config{})
	var fromGoroutine *gv.Thread
	err := rt.Run(func(context.Context) error {
		done := make(chan struct{})
		go func() {
			fromGoroutine = gv.Go(func(context.Context) error { return nil })
			close(done)
		}()
		gv.Block(func() { <-done })
		return gv.Run(func(context.Context) error { return gv.Go(func(context.Context) error { return nil }).Wait() })
	})
	if err != nil {
		t.Error(err)
	}
	if err := fromGoroutine.Wait(); err != nil {
		t.Error(err)
	}
	if n := rt.Stats().Started; n != 3 {
		t.Errorf("%d threads were started on the runtime of the thread, want 3", n)
	}
}

// Several runtimes of both engines work side by side, and threads of one may wait
// for those of another.
func TestRuntimesSideBySide(t *testing.T) {
	var rts []*gv.Runtime
	for _, engine := range []gv.Engine{gv.Auto, gv.Portable, gv.Auto} {
		rts = append(rts, open(t, gv.Config{Engine: engine, Workers: 1}))
	}
	var total atomic.Int32
	err := rts[0].Run(func(context.Context) error {
		var ts []*gv.Thread
		for i := range 60 {
			ts = append(ts, rts[i%3].Go(func(context.Context) error {
				gv.Yield()
				next := rts[(i+1)%3].Go(func(context.Context) error {
					total.Add(1)
					return gv.Sleep(1)
				})
				total.Add(1)
				return next.Wait()
			}))
		}
		return waitAll(ts)
	})
	if err != nil {
		t.Error(err)
	}
	if n := total.Load(); n != 120 {
		t.Errorf("%d threads ran, want 120", n)
	}
}

// On a plain goroutine the calls that every code may contain do nothing bad.
func TestCallsInGoroutine(t *testing.T) {
	gv.Yield()
	gv.Safepoint()
	if err := gv.Sleep(0); err != nil {
		t.Error(err)
	}
}

// All that can be started from everywhere at once is run exactly once.
func TestEachThreadRunsOnce(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2, TimeSlice: 1}, func(t *testing.T, rt *gv.Runtime) {
		const starters, each = 8, 300
		var runs [starters * each]atomic.Int32
		var wg sync.WaitGroup
		for s := range starters {
			start := func(context.Context) error {
				for i := range each {
					rt.Go(func(context.Context) error {
						runs[s*each+i].Add(1)
						return nil
					}, gv.WithPriority(priorities[i%4]))
				}
				return nil
			}
			if s%2 == 0 {
				wg.Go(func() { start(context.Background()) })
			} else {
				rt.Go(start)
			}
		}
		wg.Wait()
		if err := rt.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		for i := range runs {
			if n := runs[i].Load(); n != 1 {
				t.Fatalf("thread %d ran %d times", i, n)
			}
		}
	})
}
