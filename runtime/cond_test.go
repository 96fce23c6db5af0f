package gv_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// Signal ends one wait, of the one that came first.
func TestCondSignal(t *testing.T) {
	const n = 10
	for name, locker := range map[string]func() sync.Locker{
		"Mutex":      func() sync.Locker { return new(gv.Mutex) },
		"RWMutex":    func() sync.Locker { return new(gv.RWMutex) },
		"sync.Mutex": func() sync.Locker { return new(sync.Mutex) },
	} {
		t.Run(name, func(t *testing.T) {
			forEachCrew(t, func(t *testing.T, g *crew) {
				c := gv.NewCond(locker())
				var order []int
				for i := range n {
					g.start(func() {
						c.L.Lock()
						c.Wait()
						order = append(order, i)
						c.L.Unlock()
					})
					untilWaiting(c, i+1)
				}
				for i := range n {
					c.L.Lock()
					if len(order) != i {
						t.Errorf("%d have gone on after %d signals", len(order), i)
					}
					c.Signal()
					c.L.Unlock()
					until(func() bool {
						c.L.Lock()
						defer c.L.Unlock()
						return len(order) == i+1
					})
				}
				g.wait()
				for i, who := range order {
					if i != who {
						t.Fatalf("signaled in the order %v", order)
					}
				}
				c.Signal() // nobody waits: lost
				if c.Waiting() != 0 {
					t.Error("somebody still waits")
				}
			})
		})
	}
}

func TestCondBroadcast(t *testing.T) {
	const n, rounds = 20, 10
	forEachCrew(t, func(t *testing.T, g *crew) {
		var m gv.Mutex
		c := gv.Cond{L: &m}
		round, awake := 0, 0
		for range n {
			g.start(func() {
				m.Lock()
				defer m.Unlock()
				for seen := 0; seen < rounds; seen++ {
					for round == seen {
						c.Wait()
					}
					awake++
				}
			})
		}
		for i := range rounds {
			untilWaiting(&c, n)
			m.Lock()
			if awake != i*n {
				t.Errorf("%d have gone on in %d rounds of %d", awake, i, n)
			}
			round++
			c.Broadcast()
			m.Unlock()
		}
		g.wait()
		if awake != rounds*n {
			t.Errorf("%d have gone on, want %d", awake, rounds*n)
		}
		c.Broadcast() // nobody waits
	})
}

// meddler is a Locker whose Unlock uses the caller's thread for waits of its
// own, and lets others run before it returns.
type meddler struct {
	gv.Mutex
	inner  gv.Mutex
	values *gv.Chan[int]
}

func (m *meddler) Unlock() {
	m.Mutex.Unlock()
	m.values.Recv()
	m.inner.Lock()
	gv.Yield()
	m.inner.Unlock()
}

// A signal that comes while L is being unlocked is not lost, whatever L does.
func TestCondWithMeddlingLocker(t *testing.T) {
	const n = 20
	forEachCrew(t, func(t *testing.T, g *crew) {
		m := &meddler{values: gv.NewChan[int](0)}
		c := gv.NewCond(m)
		for range n {
			g.start(func() {
				m.Mutex.Lock()
				c.Wait()
				m.Mutex.Unlock()
			})
		}
		untilWaiting(c, n)
		for i := range n {
			if i%2 == 0 {
				c.Signal() // while the waiter is in Unlock
			}
			m.values.Send(1)
		}
		for range n / 2 {
			c.Signal()
		}
	})
}

func TestCondWaitContext(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		var m gv.Mutex
		c := gv.NewCond(&m)
		cause := errors.New("cause")
		ctx, cancel := context.WithCancelCause(context.Background())
		for range 3 {
			g.start(func() {
				m.Lock()
				if err := c.WaitContext(ctx); err != cause {
					t.Errorf("WaitContext: %v", err)
				}
				if m.TryLock() {
					t.Error("not locked after WaitContext")
				}
				m.Unlock()
			})
		}
		untilWaiting(c, 3)
		cancel(cause)
		g.wait()
		if n := c.Waiting(); n != 0 {
			t.Errorf("%d still wait", n)
		}
		m.Lock()
		if err := c.WaitContext(ctx); err != cause {
			t.Errorf("WaitContext: %v", err)
		}
		m.Unlock()
	})
}

func TestCondCancelledThread(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var m gv.Mutex
		c := gv.NewCond(&m)
		cause := errors.New("cause")
		th := rt.Go(func(ctx context.Context) error {
			m.Lock()
			defer m.Unlock()
			return c.WaitContext(ctx)
		})
		untilWaiting(c, 1)
		th.Cancel(cause)
		if err := th.Wait(); !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, cause) {
			t.Errorf("WaitContext: %v", err)
		}
	})
}

// Waiters are cancelled while they are signaled: each signal given while
// somebody waits ends one wait without an error.
func TestCondCancellationLosesNoSignal(t *testing.T) {
	const n = 12
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			forEachCrew(t, func(t *testing.T, g *crew) {
				r := rand.New(rand.NewPCG(seed, 1))
				var m gv.Mutex
				c := gv.NewCond(&m)
				signaled, cancelled := 0, 0
				var cancels []func()
				for i := range n {
					ctx, cancel := context.WithCancel(context.Background())
					defer cancel()
					cancels = append(cancels, cancel)
					g.start(func() {
						m.Lock()
						defer m.Unlock()
						if c.WaitContext(ctx) == nil {
							signaled++
						} else {
							cancelled++
						}
					})
					untilWaiting(c, i+1)
				}
				// Half of them are cancelled, and as many signals given.
				go func() {
					for _, cancel := range cancels[:n/2] {
						cancel()
					}
				}()
				for range n / 2 {
					for range r.IntN(3) {
						gv.Yield()
					}
					c.Signal()
				}
				until(func() bool {
					m.Lock()
					defer m.Unlock()
					return signaled+cancelled+c.Waiting() == n && signaled == n/2
				})
				// Nobody is left who was not signaled before.
				for _, cancel := range cancels {
					cancel()
				}
				g.wait()
				if signaled != n/2 || cancelled != n-n/2 {
					t.Errorf("%d signaled, %d cancelled", signaled, cancelled)
				}
			})
		})
	}
}

// A Wait that panics, because L is not locked, leaves nobody in the line.
func TestCondWaitPanics(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		c := gv.NewCond(new(gv.Mutex))
		err := rt.Run(func(context.Context) error {
			func() {
				defer func() {
					if recover() == nil {
						t.Error("no panic")
					}
				}()
				c.Wait()
			}()
			c.L.Lock()
			defer c.L.Unlock()
			rt.Go(func(context.Context) error { c.Signal(); return nil })
			c.Wait()
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
