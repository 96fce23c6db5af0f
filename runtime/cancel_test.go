package gv_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

var errStop = errors.New("stop")

// wantCancelled reports what is wrong with the error of a call that was
// cancelled with errStop.
func wantCancelled(err error) error {
	for _, target := range []error{gv.ErrCancelled, context.Canceled, errStop} {
		if !errors.Is(err, target) {
			return fmt.Errorf("got error %v, want one that wraps %v", err, target)
		}
	}
	return nil
}

// wantEnd says what is wrong with ctx if it has not ended with just that error and
// cause.
func wantEnd(ctx context.Context, err, cause error) error {
	select {
	case <-ctx.Done():
	default:
		return fmt.Errorf("%v: Done is open", ctx)
	}
	if ctx.Err() != err || context.Cause(ctx) != cause {
		return fmt.Errorf("%v has ended with %v, because of %v, want %v and %v", ctx, ctx.Err(), context.Cause(ctx), err, cause)
	}
	return nil
}

// Cancel ends every wait that says so, with the cause, and those that begin
// later.
func TestCancelEndsWaits(t *testing.T) {
	waits := map[string]func(ctx context.Context, rt *gv.Runtime) error{
		"Sleep": func(context.Context, *gv.Runtime) error { return gv.Sleep(long) },
		"Wait": func(_ context.Context, rt *gv.Runtime) error {
			return rt.Go(func(context.Context) error { return gv.Sleep(long) }).Wait()
		},
		"Wait for itself": func(context.Context, *gv.Runtime) error { return gv.Current().Wait() },
		"Run": func(_ context.Context, rt *gv.Runtime) error {
			return rt.Run(func(context.Context) error { return gv.Sleep(long) })
		},
		"Chan.Send": func(context.Context, *gv.Runtime) error { return gv.NewChan[int](0).Send(1) },
		"Chan.Recv": func(context.Context, *gv.Runtime) error { _, err := gv.NewChan[int](0).Recv(); return err },
		"Select":    func(context.Context, *gv.Runtime) error { _, err := gv.Select(); return err },
		"LockContext": func(context.Context, *gv.Runtime) error {
			var mu gv.Mutex
			mu.Lock()
			return mu.LockContext(context.Background())
		},
		"Context": func(ctx context.Context, _ *gv.Runtime) error {
			<-ctx.Done()
			if err := ctx.Err(); err != context.Canceled {
				return fmt.Errorf("its Err is %w", err)
			}
			return fmt.Errorf("%w: %w", gv.ErrCancelled, context.Cause(ctx))
		},
	}
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
				var first, second error
				var entered atomic.Bool
				th := rt.Go(func(ctx context.Context) error {
					entered.Store(true)
					first = wait(ctx, rt)
					second = wait(ctx, rt)
					return errStop
				})
				until(func() bool { return entered.Load() && (name == "Context" || th.State() == gv.StateBlocked) })
				th.Cancel(errStop)
				th.Cancel(errors.New("a second cancellation changes nothing"))
				if err := th.Wait(); err != errStop {
					t.Errorf("the result is %v, want what the function returned", err)
				}
				for i, err := range []error{first, second} {
					if err := wantCancelled(err); err != nil {
						t.Errorf("wait %d: %v", i+1, err)
					}
				}
			})
		})
	}
}

// A thread that is cancelled before its first turn never gets one.
func TestCancelBeforeStart(t *testing.T) {
	onEachEngine(t, strict(gv.Auto, 1), func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(context.Context) error {
			ran := false
			th := gv.Go(func(context.Context) error {
				ran = true
				return nil
			})
			th.Cancel(errStop)
			if s := th.State(); s != gv.StateDone {
				return fmt.Errorf("is %v after Cancel", s)
			}
			err := th.Wait()
			gv.Yield()
			if ran {
				return errors.New("ran")
			}
			return wantCancelled(err)
		}, gv.WithPriority(gv.Critical))
		if err != nil {
			t.Error(err)
		}
		if s := rt.Stats(); s.Threads != 0 || s.Ready != [4]int{} {
			t.Errorf("something is left: %+v", s)
		}
	})
}

// The children of a cancelled thread are cancelled, and theirs, also those whose
// parent has ended, and those that it starts after; others are not.
func TestCancelReachesDescendants(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		results := make(chan error, 3)
		var sleepers journal[*gv.Thread]
		sleeper := func(context.Context) error {
			sleepers.add(gv.Current())
			results <- gv.Sleep(long)
			return nil
		}
		var late, stranger *gv.Thread
		lateErr := make(chan error, 1)
		release := make(chan struct{})
		parent := rt.Go(func(ctx context.Context) error {
			gv.Go(sleeper)
			gv.Go(func(context.Context) error {
				gv.Go(sleeper) // its parent ends at once
				return nil
			})
			gv.Go(func(context.Context) error {
				child := gv.Go(sleeper)
				return child.Wait()
			})
			gv.Block(func() { <-release })
			<-ctx.Done()
			late = gv.Go(func(context.Context) error { return nil })
			lateErr <- late.Err()
			return nil
		})
		stranger = rt.Go(func(ctx context.Context) error {
			gv.Block(func() { <-release })
			return ctx.Err()
		})
		until(func() bool {
			asleep := 0
			for _, th := range sleepers.all() {
				if th.State() == gv.StateBlocked {
					asleep++
				}
			}
			return asleep == 3
		})
		parent.Cancel(errStop)
		close(release)
		for range 3 {
			if err := wantCancelled(<-results); err != nil {
				t.Error(err)
			}
		}
		if err := parent.Wait(); err != nil {
			t.Error(err)
		}
		<-lateErr
		if err := wantCancelled(late.Wait()); err != nil {
			t.Errorf("a child that was started after: %v", err)
		}
		if err := stranger.Wait(); err != nil {
			t.Errorf("another thread: %v", err)
		}
	})
}

// The context of a thread: values and deadline from WithContext, the end from
// the thread.
func TestThreadContext(t *testing.T) {
	type key struct{}
	deadline := time.Now().Add(long)
	given, cancel := context.WithDeadline(context.WithValue(context.Background(), key{}, "value"), deadline)
	defer cancel()
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		ready := make(chan struct{})
		th := rt.Go(func(ctx context.Context) error {
			if v := ctx.Value(key{}); v != "value" {
				return fmt.Errorf("value %v", v)
			}
			if d, ok := ctx.Deadline(); !ok || !d.Equal(deadline) {
				return fmt.Errorf("deadline %v, %v", d, ok)
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return errors.New("done before the cancellation")
			default:
			}
			derived, stop := context.WithCancel(ctx)
			defer stop()
			called := make(chan struct{})
			context.AfterFunc(ctx, func() { close(called) })
			notCalled := context.AfterFunc(ctx, func() { t.Error("a stopped AfterFunc was called") })
			if !notCalled() {
				return errors.New("AfterFunc can't be stopped")
			}
			close(ready)
			<-ctx.Done()
			<-called
			<-derived.Done()
			return errors.Join(wantEnd(ctx, context.Canceled, errStop), wantEnd(derived, context.Canceled, errStop))
		}, gv.WithContext(given))
		<-ready
		th.Cancel(errStop)
		if err := th.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// The end of the context that WithContext gave cancels the thread, with its
// cause, whether it came before the thread or after.
func TestWithContextCancels(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		ctx, cancel := context.WithCancelCause(context.Background())
		th := rt.Go(func(context.Context) error { return gv.Sleep(long) }, gv.WithContext(ctx))
		until(func() bool { return th.State() == gv.StateBlocked })
		cancel(errStop)
		if err := wantCancelled(th.Wait()); err != nil {
			t.Error(err)
		}
		th = rt.Go(func(context.Context) error { return gv.Sleep(long) }, gv.WithContext(ctx))
		if err := wantCancelled(th.Wait()); err != nil {
			t.Errorf("with a context that has ended: %v", err)
		}
		timeout, stop := context.WithTimeout(context.Background(), time.Millisecond)
		defer stop()
		th = rt.Go(func(context.Context) error { return gv.Sleep(long) }, gv.WithContext(timeout))
		if err := th.Wait(); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, gv.ErrCancelled) {
			t.Errorf("with a timeout: %v", err)
		}
		// A nil context is none.
		//lint:ignore SA1012 it is what is tested
		if err := rt.Go(func(ctx context.Context) error { return ctx.Err() }, gv.WithContext(nil)).Wait(); err != nil {
			t.Errorf("with a nil context: %v", err)
		}
	})
}

// A thread that has ended, or was never started, is not cancelled any more, and nothing is
// made for that.
func TestCancelAfterEnd(t *testing.T) {
	onEachEngine(t, gv.Config{MaxThreads: 1}, func(t *testing.T, rt *gv.Runtime) {
		var ctx context.Context
		th := rt.Go(func(c context.Context) error { ctx = c; return nil })
		if err := th.Wait(); err != nil {
			t.Error(err)
		}
		sleeper := rt.Go(func(context.Context) error { return gv.Sleep(long) })
		refused := rt.Go(func(context.Context) error { return nil })
		for _, th := range []*gv.Thread{th, refused} {
			result := th.Wait()
			if n := testing.AllocsPerRun(100, func() { th.Cancel(errStop) }); n > 0 {
				t.Errorf("%v allocations", n)
			}
			if err := th.Wait(); err != result {
				t.Errorf("the result has changed from %v to %v", result, err)
			}
		}
		if cause := context.Cause(ctx); cause != gv.ErrThreadEnded {
			t.Errorf("the context has ended with %v", cause)
		}
		sleeper.Cancel(nil)
		if err := sleeper.Wait(); !errors.Is(err, gv.ErrCancelled) {
			t.Error(err)
		}
	})
}

// Cancellations come at any moment of a thread's life: before its first turn,
// while it goes to sleep, as it wakes up, in its last instructions. It ends, and
// its result is its own or the cancellation.
func TestCancelRaces(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		random := rand.New(rand.NewPCG(3, 4))
		for round := range 300 {
			var ts []*gv.Thread
			for i := range 10 {
				d := time.Duration(random.IntN(30)) * time.Microsecond
				ts = append(ts, rt.Go(func(context.Context) error {
					for range i {
						if err := gv.Sleep(d); err != nil {
							return err
						}
						gv.Yield()
					}
					return nil
				}, gv.WithPriority(priorities[i%4])))
			}
			enginetest.Spin(random.IntN(20_000))
			for _, i := range random.Perm(len(ts)) {
				go ts[i].Cancel(errStop)
				ts[i].Cancel(errStop)
			}
			for i, th := range ts {
				if err := th.Wait(); err != nil && wantCancelled(err) != nil {
					t.Fatalf("round %d, thread %d: %v", round, i, err)
				}
			}
		}
	})
}
