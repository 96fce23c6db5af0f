package gv_test

import (
	"context"
	"errors"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// Threads that wait for each other's ends, or a thread for its own, are reported, also from
// within Do.
func TestWaitingInCirclesIsDeadlock(t *testing.T) {
	for name, fn := range map[string]func(context.Context) error{
		"itself": func(context.Context) error { return gv.Current().Wait() },
		"its child": func(context.Context) error {
			me := gv.Current()
			return gv.Go(func(context.Context) error { return me.Wait() }).Wait()
		},
		"its caller": func(context.Context) error {
			me := gv.Current()
			return gv.Do(func(context.Context) error { return me.Wait() })
		},
		"its own lock": func(context.Context) error {
			var mu gv.Mutex
			return gv.Do(func(ctx context.Context) error {
				mu.Lock()
				return mu.LockContext(ctx)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			logged(t, func(t *testing.T, rt *gv.Runtime, records recorder) {
				th := rt.Go(fn)
				<-records
				th.Cancel(nil)
				if err := th.Wait(); !errors.Is(err, gv.ErrCancelled) {
					t.Error(err)
				}
			})
		})
	}
}

// Threads of another runtime end the waits of those that wait for them, or for their locks.
func TestWaitingForAnotherRuntimeIsNoDeadlock(t *testing.T) {
	for name, wait := range map[string]func(other *gv.Runtime, fn func(context.Context) error) error{
		"Run":  func(other *gv.Runtime, fn func(context.Context) error) error { return other.Run(fn) },
		"Do":   func(other *gv.Runtime, fn func(context.Context) error) error { return other.Do(fn) },
		"Wait": func(other *gv.Runtime, fn func(context.Context) error) error { return other.Go(fn).Wait() },
		"Group": func(other *gv.Runtime, fn func(context.Context) error) error {
			g := other.NewGroup(context.Background())
			_ = g.Go(fn) // what fails is what Wait returns
			return g.Wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			logged(t, func(t *testing.T, rt *gv.Runtime, records recorder) {
				other := open(t, gv.Config{Workers: 1, Engine: rt.Capabilities().Engine})
				var mu gv.Mutex
				end := make(chan struct{})
				owner := rt.Go(func(context.Context) error {
					mu.Lock()
					defer mu.Unlock()
					return wait(other, func(context.Context) error { <-end; return nil })
				})
				until(func() bool { return owner.State() == gv.StateBlocked })
				locker := blockedLocker(rt, &mu)
				if rt.LooksDeadlocked() {
					t.Error("it looks like a deadlock")
				}
				for info := range rt.Threads() {
					if info.ID == owner.ID() && info.Waits != "for threads of another runtime" {
						t.Errorf("the owner waits %s", info.Waits)
					}
				}
				close(end)
				if err := waitAll([]*gv.Thread{owner, locker}); err != nil {
					t.Error(err)
				}
			})
		})
	}
	logged(t, func(t *testing.T, rt *gv.Runtime, records recorder) {
		other := open(t, gv.Config{Workers: 1, Engine: rt.Capabilities().Engine})
		var mu gv.Mutex
		owns := make(chan struct{})
		owner := other.Go(func(ctx context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			close(owns)
			<-ctx.Done()
			return nil
		})
		<-owns
		locker := blockedLocker(rt, &mu)
		if rt.LooksDeadlocked() {
			t.Error("it looks like a deadlock")
		}
		owner.Cancel(nil)
		if err := waitAll([]*gv.Thread{owner, locker}); err != nil {
			t.Error(err)
		}
	})
}

// blockedLocker starts a thread that locks mu, which somebody has, and returns when it waits.
func blockedLocker(rt *gv.Runtime, mu *gv.Mutex) *gv.Thread {
	th := rt.Go(func(ctx context.Context) error {
		defer mu.Unlock()
		return mu.LockContext(ctx)
	})
	until(func() bool { return th.State() == gv.StateBlocked })
	return th
}

// The deadline of a context that a thread was given reaches its children also when it has ended.
func TestWaitingForTheDeadlineOfAParentIsNoDeadlock(t *testing.T) {
	logged(t, func(t *testing.T, rt *gv.Runtime, records recorder) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		var child *gv.Thread
		parent := rt.Go(func(context.Context) error {
			child = gv.Go(func(context.Context) error { return gv.Current().Wait() })
			return nil
		}, gv.WithContext(ctx))
		if err := parent.Wait(); err != nil {
			t.Error(err)
		}
		until(func() bool { return child.State() == gv.StateBlocked })
		if rt.LooksDeadlocked() {
			t.Error("it looks like a deadlock")
		}
		cancel()
		if err := child.Wait(); !errors.Is(err, gv.ErrCancelled) {
			t.Error(err)
		}
	})
}

// What a thread has asked for in Block says nothing about what it does there then.
func TestBlockAfterWaitIsNoDeadlock(t *testing.T) {
	logged(t, func(t *testing.T, rt *gv.Runtime, records recorder) {
		ended := rt.Go(func(context.Context) error { return nil })
		if err := ended.Wait(); err != nil {
			t.Error(err)
		}
		asked, release := make(chan struct{}), make(chan struct{})
		th := rt.Go(func(context.Context) error {
			gv.Block(func() {
				_ = ended.Wait()
				close(asked)
				<-release
			})
			return nil
		})
		<-asked
		if rt.LooksDeadlocked() {
			t.Error("it looks like a deadlock")
		}
		close(release)
		if err := th.Wait(); err != nil {
			t.Error(err)
		}
	})
}
