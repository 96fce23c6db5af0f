package gv_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// What the tests of package context ask of a context of one's own, and those of
// package time of sleeps, as far as the other tests here don't.

// withThreadContext calls use with the context of a thread and the function that
// cancels it. The thread ends when use has returned.
func withThreadContext(t *testing.T, use func(t *testing.T, ctx context.Context, cancel func(error))) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		contexts := make(chan context.Context)
		th := rt.Go(func(ctx context.Context) error {
			contexts <- ctx
			<-ctx.Done()
			return nil
		})
		use(t, <-contexts, th.Cancel)
		th.Cancel(nil)
		if err := th.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// Contexts that are derived from a thread's need no goroutine to learn of its end.
func TestContextsOfThreadsStartNoGoroutines(t *testing.T) {
	const n = 1000
	withThreadContext(t, func(t *testing.T, ctx context.Context, cancel func(error)) {
		before := goruntime.NumGoroutine()
		derived := make([]context.Context, n)
		for i := range derived {
			d, stop := context.WithCancel(ctx)
			defer stop()
			derived[i] = d
		}
		if more := goruntime.NumGoroutine() - before; more > n/2 {
			t.Errorf("%d derived contexts have started %d goroutines", n, more)
		}
		cancel(errStop)
		for _, d := range derived {
			<-d.Done()
			if err := wantEnd(d, context.Canceled, errStop); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// What is derived from a thread's context ends by itself without ending the
// thread's, and WithoutCancel outlives it.
func TestContextsOfThreadsEndOneWay(t *testing.T) {
	type key struct{}
	withThreadContext(t, func(t *testing.T, ctx context.Context, cancel func(error)) {
		own := errors.New("own")
		child, stop := context.WithCancelCause(context.WithValue(ctx, key{}, 1))
		stop(own)
		late, stopLate := context.WithTimeout(ctx, time.Microsecond)
		defer stopLate()
		<-child.Done()
		<-late.Done()
		if context.Cause(child) != own || !errors.Is(late.Err(), context.DeadlineExceeded) || ctx.Err() != nil {
			t.Errorf("they end with %v and %v, the thread's with %v", context.Cause(child), late.Err(), ctx.Err())
		}
		done := ctx.Done()
		if done != ctx.Done() {
			t.Error("Done is another channel each time")
		}
		outlives, grand := context.WithoutCancel(child), context.WithValue(ctx, key{}, 2)
		cancel(errStop)
		<-done
		<-grand.Done()
		err := ctx.Err()
		cancel(own) // has no effect
		if err != context.Canceled {
			t.Errorf("the thread's ends with %v", err)
		}
		for _, c := range []context.Context{ctx, grand} {
			if err := wantEnd(c, context.Canceled, errStop); err != nil {
				t.Error(err)
			}
		}
		if outlives.Err() != nil || outlives.Value(key{}) != 1 || grand.Value(key{}) != 2 || context.Cause(child) != own {
			t.Errorf("after the cancellation: %v, %v, %v, %v", outlives.Err(), outlives.Value(key{}), grand.Value(key{}), context.Cause(child))
		}
		after, stopAfter := context.WithCancel(ctx)
		defer stopAfter()
		if err := wantEnd(after, context.Canceled, errStop); err != nil {
			t.Errorf("derived afterwards: %v", err)
		}
	})
}

// An AfterFunc is called once, in a goroutine of its own, for which Cancel doesn't
// wait; before that it can be stopped, after that it can't.
func TestAfterFuncOfThread(t *testing.T) {
	withThreadContext(t, func(t *testing.T, ctx context.Context, cancel func(error)) {
		var calls, stopped atomic.Int32
		release, called := make(chan struct{}), make(chan struct{}, 2)
		f := func() {
			calls.Add(1)
			<-release
			called <- struct{}{}
		}
		stop := context.AfterFunc(ctx, f)
		never := context.AfterFunc(ctx, func() { stopped.Add(1) })
		if !never() || never() {
			t.Error("stop reports wrong things before the cancellation")
		}
		cancel(errStop) // returns though f blocks
		until(func() bool { return calls.Load() == 1 })
		if stop() || never() {
			t.Error("stop reports that it has stopped what was called, or stopped before")
		}
		late := context.AfterFunc(ctx, f)
		if late() {
			t.Error("stop reports that it has stopped what was called at once")
		}
		close(release)
		<-called
		<-called
		if calls.Load() != 2 || stopped.Load() != 0 {
			t.Errorf("%d calls of two, %d of what was stopped", calls.Load(), stopped.Load())
		}
	})
}

// Sleeps that end in all ways: at once, by themselves, and by a cancellation at
// about the same time.
func TestSleepsEndInAllWays(t *testing.T) {
	const n = 300
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var over atomic.Int32
		ths := make([]*gv.Thread, n)
		for i := range ths {
			d := time.Duration(i%7-1) * 100 * time.Microsecond
			ths[i] = rt.Go(func(context.Context) error {
				for range 5 {
					start := time.Now()
					err := gv.Sleep(d)
					switch {
					case err == nil && time.Since(start) < d:
						return fmt.Errorf("a sleep of %v is over after %v", d, time.Since(start))
					case err != nil:
						return wantCancelled(err)
					}
				}
				over.Add(1)
				return nil
			})
		}
		for i, th := range ths {
			if i%3 == 0 {
				th.Cancel(errStop)
			}
		}
		for i, th := range ths {
			// One that has not had its first turn is not started.
			if err := th.Wait(); err != nil && (i%3 > 0 || !errors.Is(err, gv.ErrCancelled)) {
				t.Errorf("thread %d: %v", i, err)
			}
		}
		if over.Load() < 2*n/3 {
			t.Errorf("%d of %d have slept to the end", over.Load(), n)
		}
	})
}
