package gvtest_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtest"
)

// Threads are in no bubble, and what Explore and Run time would be.
func TestBubblesAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, call := range []func(t *fake){
			func(t *fake) { gvtest.Explore(t, func(testing.TB, *gv.Runtime) {}) },
			func(t *fake) { gvtest.Run(t, func(context.Context) error { return nil }) },
		} {
			try(t, call).expect(t, "in a bubble of testing/synctest")
		}
	})
}

// What is not controlled works, too.
func TestExploreBesideGoroutines(t *testing.T) {
	for name, fn := range map[string]func(t testing.TB, rt *gv.Runtime){
		"a goroutine sends": func(t testing.TB, rt *gv.Runtime) {
			c := gv.NewChan[int](0)
			go func() {
				time.Sleep(50 * time.Millisecond)
				c.Send(1)
			}()
			if _, err := c.Recv(); err != nil {
				t.Error(err)
			}
		},
		"a timer sends": func(t testing.TB, rt *gv.Runtime) {
			c := gv.NewChan[int](0)
			time.AfterFunc(50*time.Millisecond, func() { c.Send(1) })
			if _, err := c.Recv(); err != nil {
				t.Error(err)
			}
		},
		"a context's deadline": func(t testing.TB, rt *gv.Runtime) {
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			defer cancel()
			var mu gv.Mutex
			mu.Lock()
			if err := mu.LockContext(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		},
		"Block, while others sleep": func(t testing.TB, rt *gv.Runtime) {
			release := make(chan struct{})
			rt.Go(func(context.Context) error {
				gv.Sleep(time.Hour)
				close(release)
				return nil
			})
			gv.Block(func() { <-release })
		},
		"blocked in Go": func(t testing.TB, rt *gv.Runtime) {
			var mu sync.Mutex
			mu.Lock()
			th := rt.Go(func(context.Context) error {
				mu.Lock()
				defer mu.Unlock()
				gv.Yield()
				return nil
			}, gv.WithPriority(gv.High)) // it has run when Go returns, and taken the worker
			mu.Unlock()
			if err := th.Wait(); err != nil {
				t.Error(err)
			}
		},
		"Do from a goroutine": func(t testing.TB, rt *gv.Runtime) {
			var err error
			gv.Block(func() {
				done := make(chan struct{})
				go func() {
					defer close(done)
					err = rt.Do(func(context.Context) error { return gv.Sleep(time.Hour) })
				}()
				<-done
			})
			if err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := goruntime.NumGoroutine()
			once(t, fn).expectNothing(t)
			expectGoroutines(t, before)
		})
	}
}

// A thread that has asked for another's result in Block is not seen to wait for it after.
func TestExploreAfterAWaitInBlock(t *testing.T) {
	defer gvtest.HasteWithDeadlocks()()
	once(t, func(t testing.TB, rt *gv.Runtime) {
		c := gv.NewChan[int](0)
		receiver := rt.Go(func(context.Context) error { _, err := c.Recv(); return err })
		ended := rt.Go(func(context.Context) error { return nil })
		if err := ended.Wait(); err != nil {
			t.Error(err)
		}
		gv.Block(func() {
			_ = ended.Wait() // which needs no worker, so it takes none
			release := make(chan struct{})
			time.AfterFunc(100*time.Millisecond, func() { close(release) })
			<-release
		})
		c.Close()
		if err := receiver.Wait(); !errors.Is(err, gv.ErrClosed) {
			t.Error(err)
		}
	}).expectNothing(t)
}

// The deadline of a thread that has ended is waited for, since it ends its children's waits.
func TestExploreDeadlineOfAParent(t *testing.T) {
	defer gvtest.HasteWithDeadlocks()()
	once(t, func(t testing.TB, rt *gv.Runtime) {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		var child *gv.Thread
		parent := rt.Go(func(context.Context) error {
			child = gv.Go(func(context.Context) error { return gv.Current().Wait() })
			return nil
		}, gv.WithContext(ctx))
		if err := parent.Wait(); err != nil {
			t.Error(err)
		}
		if err := child.Wait(); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}).expectNothing(t)
}
