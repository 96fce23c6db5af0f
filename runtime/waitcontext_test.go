package gv_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A meddlesomeContext blocks whoever calls its methods in waits of his own.
type meddlesomeContext struct {
	context.Context
	mu *gv.Mutex
	// done is not the Done channel of Context, or package context would go round
	// the methods here.
	done chan struct{}
}

func newMeddlesomeContext(ctx context.Context) meddlesomeContext {
	c := meddlesomeContext{ctx, new(gv.Mutex), make(chan struct{})}
	context.AfterFunc(ctx, func() { close(c.done) })
	return c
}

func (c meddlesomeContext) meddle() {
	c.mu.Lock()
	gv.Yield()
	c.mu.Unlock()
}

func (c meddlesomeContext) Done() <-chan struct{} {
	defer c.meddle()
	return c.done
}

func (c meddlesomeContext) Err() error {
	defer c.meddle()
	return c.Context.Err()
}

func (c meddlesomeContext) Value(key any) any {
	defer c.meddle()
	return c.Context.Value(key)
}

// AfterFunc makes package context call meddle when a watch begins and when it
// ends.
func (c meddlesomeContext) AfterFunc(f func()) (stop func() bool) {
	c.meddle()
	unregister := context.AfterFunc(c.Context, f)
	return func() bool {
		c.meddle()
		return unregister()
	}
}

// contextWaits are the waits that a context ends: each makes a call that waits, and with it
// how many wait in it now and what ends their wait.
var contextWaits = map[string]func() (call func(context.Context) error, waiting func() int, release func()){
	"Mutex": func() (func(context.Context) error, func() int, func()) {
		m := new(gv.Mutex)
		m.Lock()
		return func(ctx context.Context) error {
			err := m.LockContext(ctx)
			if err == nil {
				m.Unlock()
			}
			return err
		}, m.Waiting, m.Unlock
	},
	"RWMutex": func() (func(context.Context) error, func() int, func()) {
		m := new(gv.RWMutex)
		m.Lock()
		return func(ctx context.Context) error {
			err := m.RLockContext(ctx)
			if err == nil {
				m.RUnlock()
			}
			return err
		}, func() int { r, _ := m.Waiting(); return r }, m.Unlock
	},
	"Cond": func() (func(context.Context) error, func() int, func()) {
		c := gv.NewCond(new(gv.Mutex))
		return func(ctx context.Context) error {
			c.L.Lock()
			defer c.L.Unlock()
			return c.WaitContext(ctx)
		}, c.Waiting, c.Broadcast
	},
	"WaitGroup": func() (func(context.Context) error, func() int, func()) {
		wg := new(gv.WaitGroup)
		wg.Add(1)
		return wg.WaitContext, wg.Waiting, wg.Done
	},
	"Semaphore": func() (func(context.Context) error, func() int, func()) {
		s := gv.NewSemaphore(1)
		s.TryAcquire(1)
		return func(ctx context.Context) error {
			err := s.Acquire(ctx, 1)
			if err == nil {
				s.Release(1)
			}
			return err
		}, s.Waiting, func() { s.Release(1) }
	},
}

// The methods of a context may block on primitives themselves: the wait that the
// context is to end takes no harm.
func TestContextMayBlock(t *testing.T) {
	for name, fixture := range contextWaits {
		t.Run(name, func(t *testing.T) {
			forEachCrew(t, func(t *testing.T, g *crew) {
				const n = 5
				cause := errors.New("cause")
				call, waiting, release := fixture()
				inner, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				ctx := newMeddlesomeContext(inner)
				for range n {
					g.start(func() {
						if err := call(ctx); err != nil {
							t.Errorf("%v", err)
						}
					})
				}
				until(func() bool { return waiting() == n })
				release()
				g.wait()

				call, waiting, release = fixture()
				for range n {
					g.start(func() {
						if err := call(ctx); err != cause {
							t.Errorf("%v, want %v", err, cause)
						}
					})
				}
				until(func() bool { return waiting() == n })
				cancel(cause)
				g.wait()
				release()
				if waiting() != 0 {
					t.Errorf("%d still wait", waiting())
				}
			})
		})
	}
}

// A cancellingContext is derived from a thread's context, and cancels the thread when
// somebody asks whether it has ended.
type cancellingContext struct {
	context.Context
	cancel func()
}

func (c cancellingContext) Err() error {
	c.cancel()
	return c.Context.Err()
}

// A cancellingLocker cancels a thread when it is unlocked, and gives contexts derived from
// the thread's the time to tell of their end.
type cancellingLocker struct {
	sync.Locker
	cancel func()
}

func (l cancellingLocker) Unlock() {
	l.Locker.Unlock()
	l.cancel()
	gv.Block(func() { time.Sleep(time.Millisecond) })
}

// A call that the thread's cancellation ends says so also if it learns of it from the
// context that it was given.
func TestCancelledWhileTheContextEnds(t *testing.T) {
	check := func(t *testing.T, call func(ctx context.Context, cancel func()) error) {
		forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
			cause := errors.New("cause")
			th := rt.Go(func(ctx context.Context) error {
				self := gv.Current()
				return call(ctx, func() { self.Cancel(cause) })
			})
			if err := th.Wait(); !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, cause) {
				t.Errorf("%v, want a cancellation with %v", err, cause)
			}
		})
	}
	for name, fixture := range contextWaits {
		t.Run(name, func(t *testing.T) {
			check(t, func(ctx context.Context, cancel func()) error {
				call, _, _ := fixture()
				return call(cancellingContext{ctx, cancel})
			})
		})
	}
	t.Run("Cond/unlocking", func(t *testing.T) {
		check(t, func(ctx context.Context, cancel func()) error {
			derived, forget := context.WithCancel(ctx)
			defer forget()
			c := gv.NewCond(cancellingLocker{new(gv.Mutex), cancel})
			c.L.Lock()
			defer c.L.Unlock()
			return c.WaitContext(derived)
		})
	})
}
