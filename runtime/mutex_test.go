package gv_test

//lint:file-ignore SA2001 to lock and unlock is all that is wanted here

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// untilWaiting waits until n are queued.
func untilWaiting(queue interface{ Waiting() int }, n int) {
	until(func() bool { return queue.Waiting() == n })
}

func TestMutexExcludes(t *testing.T) {
	const members, rounds = 8, 500
	forEachCrew(t, func(t *testing.T, g *crew) {
		var m gv.Mutex
		inside, total := 0, 0
		for id := range members {
			g.start(func() {
				for i := range rounds {
					switch {
					case id%4 == 0 && m.TryLock():
					case id%4 == 1:
						if err := m.LockContext(context.Background()); err != nil {
							t.Error(err)
						}
					default:
						m.Lock()
					}
					if inside++; inside != 1 {
						t.Error("two have the lock")
					}
					total++
					if i%7 == 0 {
						gv.Yield()
					}
					inside--
					m.Unlock()
				}
			})
		}
		g.wait()
		if total != members*rounds {
			t.Errorf("%d of %d", total, members*rounds)
		}
		if n := m.Waiting(); n != 0 {
			t.Errorf("%d still wait", n)
		}
	})
}

func TestMutexTryLock(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		var m gv.Mutex
		if !m.TryLock() {
			t.Fatal("TryLock of an unlocked Mutex failed")
		}
		if m.TryLock() {
			t.Fatal("TryLock of a locked Mutex succeeded")
		}
		g.start(func() {
			m.Lock()
			m.Unlock()
		})
		untilWaiting(&m, 1)
		if m.TryLock() {
			t.Fatal("TryLock of a locked Mutex with a waiter succeeded")
		}
		m.Unlock()
		g.wait()
		if !m.TryLock() {
			t.Fatal("TryLock failed after all others have unlocked")
		}
		m.Unlock()
	})
}

func TestMutexMisuse(t *testing.T) {
	const want = "gv: unlock of unlocked Mutex"
	forEachCrew(t, func(t *testing.T, g *crew) {
		g.start(func() {
			var m gv.Mutex
			mustPanic(t, want, m.Unlock)
			m.Lock()
			m.Unlock()
			mustPanic(t, want, m.Unlock)
		})
		g.wait()

		// Also after it was contended.
		var m gv.Mutex
		m.Lock()
		g.start(func() {
			m.Lock()
			m.Unlock()
		})
		untilWaiting(&m, 1)
		m.Unlock()
		g.wait()
		mustPanic(t, want, m.Unlock)
		m.Lock()
		m.Unlock()
	})
}

// Waiters of one priority are served in the order of their arrival.
func TestMutexServesInOrder(t *testing.T) {
	const n = 20
	forEachCrew(t, func(t *testing.T, g *crew) {
		var m gv.Mutex
		m.Lock()
		var order []int
		for i := range n {
			g.start(func() {
				m.Lock()
				order = append(order, i)
				m.Unlock()
			})
			untilWaiting(&m, i+1)
		}
		m.Unlock()
		g.wait()
		for i, who := range order {
			if i != who {
				t.Fatalf("served in the order %v", order)
			}
		}
	})
}

// Waiters of higher priority go first; goroutines count as Normal.
func TestMutexServesByPriority(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var m gv.Mutex
		m.Lock()
		var order []string
		queue := []struct {
			name     string
			priority gv.Priority
			at       int
		}{
			{"low", gv.Low, 5}, {"normal", gv.Normal, 3}, {"goroutine", gv.Normal, 4},
			{"critical", gv.Critical, 0}, {"high", gv.High, 1}, {"high too", gv.High, 2},
		}
		want := make([]string, len(queue))
		var all sync.WaitGroup
		for i, q := range queue {
			want[q.at] = q.name
			all.Add(1)
			fn := func(context.Context) error {
				defer all.Done()
				m.Lock()
				order = append(order, q.name)
				m.Unlock()
				return nil
			}
			if q.name == "goroutine" {
				go fn(nil)
			} else {
				rt.Go(fn, gv.WithPriority(q.priority))
			}
			untilWaiting(&m, i+1)
		}
		m.Unlock()
		all.Wait()
		if fmt.Sprint(order) != fmt.Sprint(want) {
			t.Errorf("served in the order %q, want %q", order, want)
		}
	})
}

// A waiter whose priority changes goes where it would be, had it come with that
// priority.
func TestMutexWaiterChangesPriority(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var m gv.Mutex
		m.Lock()
		var order []int
		var ths []*gv.Thread
		for i, p := range []gv.Priority{gv.Low, gv.Normal, gv.Normal, gv.Low} {
			ths = append(ths, rt.Go(func(context.Context) error {
				m.Lock()
				order = append(order, i)
				m.Unlock()
				return nil
			}, gv.WithPriority(p)))
			untilWaiting(&m, i+1)
		}
		ths[0].SetPriority(gv.Normal)
		ths[1].SetPriority(gv.Low)
		ths[3].SetPriority(gv.High)
		m.Unlock()
		for _, th := range ths {
			th.Wait()
		}
		if want := "[3 0 2 1]"; fmt.Sprint(order) != want {
			t.Errorf("served in the order %v, want %v", order, want)
		}
	})
}

// occupy keeps the only worker of rt from all other threads while fn runs.
func occupy(rt *gv.Runtime, fn func()) {
	g := closeGate(rt)
	fn()
	g.open()
	g.thread.Wait()
}

// oneWorker runs test with one worker and without boosts on each engine, for
// tests by who ran while who waited.
func oneWorker(t *testing.T, test func(rt *gv.Runtime) error) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			undisturbed(t, gv.Config{Engine: engine, Workers: 1, MaxWait: long}, test)
		})
	}
}

// lockBehind locks m, and starts a thread that waits for it, and says when it has had it.
func lockBehind(rt *gv.Runtime, m *gv.Mutex) (th *gv.Thread, had *atomic.Bool) {
	had = new(atomic.Bool)
	m.Lock()
	th = rt.Go(func(context.Context) error {
		m.Lock()
		had.Store(true)
		m.Unlock()
		return nil
	})
	untilWaiting(m, 1)
	return th, had
}

// The lock may be taken before a waiter that is awake, but once only.
func TestMutexPassesAWaiterOnce(t *testing.T) {
	oneWorker(t, func(rt *gv.Runtime) (err error) {
		var m gv.Mutex
		th, had := lockBehind(rt, &m)
		occupy(rt, func() {
			m.Unlock() // wakes the thread, which can't run
			if !m.TryLock() {
				err = errors.New("the lock can't be taken before the waiter")
				m.Lock()
			}
		})
		until(func() bool {
			s := th.State()
			// Done: the gate was disturbed, and the thread came first.
			return s == gv.StateBlocked || s == gv.StateDone
		})
		occupy(rt, func() {
			m.Unlock() // hands over
			if m.TryLock() {
				if !had.Load() { // or the gate was disturbed, and it has had its turn
					err = errors.New("the waiter was passed over twice")
				}
				m.Unlock()
			}
		})
		th.Wait()
		return err
	})
}

// The lock goes directly to a waiter above the one who unlocks.
func TestMutexIsHandedToAHigherWaiter(t *testing.T) {
	oneWorker(t, func(rt *gv.Runtime) (err error) {
		var m gv.Mutex
		m.Lock() // as a goroutine: Normal
		waiter := rt.Go(func(context.Context) error {
			m.Lock()
			m.Unlock()
			return nil
		}, gv.WithPriority(gv.High))
		untilWaiting(&m, 1)
		rt.Go(func(context.Context) error {
			m.Unlock()
			// The waiter had no turn yet, but is the owner.
			if m.TryLock() {
				err = errors.New("the lock was taken by a third one")
				m.Unlock()
			}
			return nil
		}, gv.WithPriority(gv.Critical)).Wait()
		waiter.Wait()
		return err
	})
}

// Nobody takes the lock before a waiter of higher priority that is awake.
func TestMutexIsKeptForAHigherWaiter(t *testing.T) {
	oneWorker(t, func(rt *gv.Runtime) (err error) {
		var m gv.Mutex
		var locked, unlocked, served, over atomic.Bool
		owner := rt.Go(func(context.Context) error {
			m.Lock()
			locked.Store(true)
			until(func() bool { return m.Waiting() == 1 })
			m.Unlock()
			unlocked.Store(true)
			for !over.Load() {
				gv.Safepoint()
			}
			return nil
		}, gv.WithPriority(gv.High))
		until(locked.Load)
		waiter := rt.Go(func(context.Context) error {
			m.Lock()
			served.Store(true)
			m.Unlock()
			return nil
		}, gv.WithPriority(gv.High))
		for !unlocked.Load() {
		}
		if m.TryLock() { // as a goroutine: Normal
			if !served.Load() {
				err = errors.New("the lock was taken before a waiter of higher priority")
			}
			m.Unlock()
		}
		over.Store(true)
		owner.Wait()
		waiter.Wait()
		return err
	})
}

// A low waiter gets the lock though there always is a high one.
func TestMutexStarvesNobody(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var m gv.Mutex
		served := false
		m.Lock()
		low := rt.Go(func(context.Context) error {
			m.Lock()
			served = true
			m.Unlock()
			return nil
		}, gv.WithPriority(gv.Low))
		untilWaiting(&m, 1)
		var high []*gv.Thread
		for range 2 {
			high = append(high, rt.Go(func(context.Context) error {
				for done := false; !done; {
					m.Lock()
					done = served
					// The other one is waiting again before this one unlocks.
					for !done && m.Waiting() < 2 {
						gv.Yield()
					}
					m.Unlock()
					if served := done; served {
						return nil
					}
				}
				return nil
			}, gv.WithPriority(gv.High)))
		}
		untilWaiting(&m, 3)
		m.Unlock()
		low.Wait()
		for _, th := range high {
			th.Wait()
		}
	})
}

// One who holds the lock nearly all the time does not keep another one out.
func TestMutexFairness(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		var m gv.Mutex
		stop := make(chan struct{})
		g.start(func() {
			for {
				m.Lock()
				for range 100 {
					gv.Safepoint()
				}
				gv.Yield()
				m.Unlock()
				select {
				case <-stop:
					return
				default:
				}
			}
		})
		g.start(func() {
			for range 50 {
				gv.Yield()
				m.Lock()
				m.Unlock()
			}
			close(stop)
		})
	})
}

func TestMutexUnlockByAnother(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		var m gv.Mutex
		for range 100 {
			m.Lock()
			g.start(func() { m.Lock() })
			g.start(m.Unlock)
			g.wait()
			g.start(m.Unlock)
			g.wait()
		}
	})
}

func TestMutexLockContext(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		var m gv.Mutex
		cause := errors.New("cause")
		ctx, cancel := context.WithCancelCause(context.Background())
		m.Lock()
		for range 3 {
			g.start(func() {
				if err := m.LockContext(ctx); err != cause {
					t.Errorf("LockContext: %v", err)
				}
			})
		}
		untilWaiting(&m, 3)
		cancel(cause)
		g.wait()
		if n := m.Waiting(); n != 0 {
			t.Errorf("%d still wait", n)
		}
		m.Unlock()
		if err := m.LockContext(ctx); err != cause {
			t.Errorf("LockContext of a free Mutex: %v", err)
		}
		if !m.TryLock() {
			t.Error("a LockContext that has failed has locked")
		}
	})
}

func TestMutexCancelledThread(t *testing.T) {
	type key struct{}
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		for name, derive := range map[string]func(ctx context.Context) context.Context{
			"own": func(ctx context.Context) context.Context { return ctx },
			"child": func(ctx context.Context) context.Context {
				ctx, cancel := context.WithCancel(ctx)
				t.Cleanup(cancel)
				return ctx
			},
			"value":     func(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, 1) },
			"unrelated": func(context.Context) context.Context { return context.Background() },
		} {
			var m gv.Mutex
			cause := errors.New("cause")
			m.Lock()
			th := rt.Go(func(ctx context.Context) error {
				ctx = derive(ctx)
				for _, when := range []string{"while it waits", "before"} {
					if err := m.LockContext(ctx); !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, cause) {
						t.Errorf("%s: LockContext in a thread cancelled %s: %v", name, when, err)
					}
				}
				// Lock does not look at cancellation.
				m.Lock()
				m.Unlock()
				return nil
			})
			untilWaiting(&m, 1)
			th.Cancel(cause)
			until(func() bool { return m.Waiting() == 1 && th.State() == gv.StateBlocked })
			m.Unlock()
			if err := th.Wait(); err != nil {
				t.Error(err)
			}
		}
	})
}

// Waiters are cancelled while the lock is handed on: it is never lost, and never
// given to two.
func TestMutexCancellationRacesWithUnlock(t *testing.T) {
	const members, rounds = 8, 200
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			forEachCrew(t, func(t *testing.T, g *crew) {
				var m gv.Mutex
				inside := 0
				for id := range members {
					r := rand.New(rand.NewPCG(seed, uint64(id)))
					g.start(func() {
						for range rounds {
							ctx, cancel := context.WithCancel(context.Background())
							go func(yields int) {
								for range yields {
									gv.Yield()
								}
								cancel()
							}(r.IntN(4))
							if m.LockContext(ctx) != nil {
								continue
							}
							if inside++; inside != 1 {
								t.Error("two have the lock")
							}
							for range r.IntN(3) {
								gv.Yield()
							}
							inside--
							m.Unlock()
						}
					})
				}
				g.wait()
				if m.Waiting() != 0 || !m.TryLock() {
					t.Error("the lock was lost")
				}
			})
		})
	}
}

func TestMutexDoesNotAllocate(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var m gv.Mutex
		stop := false
		other := rt.Go(func(context.Context) error {
			for done := false; !done; {
				m.Lock()
				gv.Yield()
				done = stop
				m.Unlock()
			}
			return nil
		})
		rt.Run(func(context.Context) error {
			m.Lock()
			m.Unlock()
			allocs := testing.AllocsPerRun(500, func() {
				m.Lock()
				gv.Yield()
				m.Unlock()
			})
			if allocs != 0 {
				t.Errorf("%v allocations", allocs)
			}
			m.Lock()
			stop = true
			m.Unlock()
			return nil
		})
		other.Wait()
	})
}
