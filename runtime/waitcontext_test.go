package gv_test

import (
	"context"
	"errors"
	"testing"

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

// The methods of a context may block on primitives themselves: the wait that the
// context is to end takes no harm.
func TestContextMayBlock(t *testing.T) {
	for name, fixture := range map[string]func() (call func(context.Context) error, waiting func() int, release func()){
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
	} {
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
