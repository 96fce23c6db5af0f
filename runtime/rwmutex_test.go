package gv_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

func untilReadersWait(rw *gv.RWMutex, n int) {
	until(func() bool { r, _ := rw.Waiting(); return r == n })
}

func untilWritersWait(rw *gv.RWMutex, n int) {
	until(func() bool { _, w := rw.Waiting(); return w == n })
}

func TestRWMutexReadersShare(t *testing.T) {
	const n = 10
	forEachCrew(t, func(t *testing.T, g *crew) {
		var rw gv.RWMutex
		var inside atomic.Int32
		for range n {
			g.start(func() {
				rw.RLock()
				inside.Add(1)
				// All are inside before the first one leaves.
				until(func() bool { return inside.Load() == n })
				rw.RUnlock()
			})
		}
		g.wait()
		if !rw.TryLock() {
			t.Error("still locked")
		}
	})
}

func TestRWMutexExcludes(t *testing.T) {
	const members, rounds = 10, 300
	forEachCrew(t, func(t *testing.T, g *crew) {
		var rw gv.RWMutex
		var activity atomic.Int32 // 1 for a reader, 1000 for a writer
		total := 0
		for id := range members {
			g.start(func() {
				for i := range rounds {
					if id < 3 {
						if !rw.TryLock() {
							rw.Lock()
						}
						if n := activity.Add(1000); n != 1000 {
							t.Errorf("activity %d with a writer inside", n)
						}
						total++
						if i%5 == 0 {
							gv.Yield()
						}
						activity.Add(-1000)
						rw.Unlock()
						continue
					}
					if id%2 == 0 || !rw.TryRLock() {
						rw.RLocker().Lock()
					}
					if n := activity.Add(1); n >= 1000 {
						t.Errorf("activity %d with a reader inside", n)
					}
					if i%5 == 0 {
						gv.Yield()
					}
					activity.Add(-1)
					rw.RLocker().Unlock()
				}
			})
		}
		g.wait()
		if total != 3*rounds {
			t.Errorf("%d of %d writes", total, 3*rounds)
		}
		if r, w := rw.Waiting(); r+w != 0 {
			t.Errorf("%d readers and %d writers still wait", r, w)
		}
	})
}

// Readers that come while a writer waits go after it; those that wait when it
// unlocks go before the next writer.
func TestRWMutexStarvesNobody(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		var rw gv.RWMutex
		order := make(chan string, 10)
		write := func(name string) func() {
			return func() {
				rw.Lock()
				order <- name
				rw.Unlock()
			}
		}
		read := func() {
			rw.RLock()
			order <- "reader"
			rw.RUnlock()
		}
		rw.RLock()
		g.start(write("writer 1"))
		untilWritersWait(&rw, 1)
		if rw.TryRLock() {
			t.Fatal("a reader gets in though a writer waits")
		}
		g.start(read)
		g.start(write("writer 2"))
		untilWritersWait(&rw, 2)
		g.start(read)
		untilReadersWait(&rw, 2)
		rw.RUnlock()
		g.wait()
		close(order)
		var got []string
		for who := range order {
			got = append(got, who)
		}
		want := []string{"writer 1", "reader", "reader", "writer 2"}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("order %q, want %q", got, want)
		}
	})
}

func TestRWMutexMisuse(t *testing.T) {
	const unlock, runlock = "gv: Unlock of unlocked RWMutex", "gv: RUnlock of unlocked RWMutex"
	forEachCrew(t, func(t *testing.T, g *crew) {
		g.start(func() {
			var rw gv.RWMutex
			mustPanic(t, unlock, rw.Unlock)
			mustPanic(t, runlock, rw.RUnlock)
			rw.RLock()
			mustPanic(t, unlock, rw.Unlock)
			rw.RUnlock()
			rw.Lock()
			mustPanic(t, runlock, rw.RUnlock)
			mustPanic(t, runlock, rw.RLocker().Unlock)
			if rw.TryLock() || rw.TryRLock() {
				t.Error("locked twice")
			}
			rw.Unlock()
			mustPanic(t, unlock, rw.Unlock)
			// It has taken no harm.
			for i := range 2 {
				if !rw.TryRLock() {
					t.Errorf("reader %d can't get in", i)
				}
			}
			if rw.TryLock() {
				t.Error("a writer gets in with readers inside")
			}
			rw.RUnlock()
			rw.RUnlock()
			if !rw.TryLock() {
				t.Error("a writer can't get in")
			}
		})
	})
}

func TestRWMutexContexts(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		var rw gv.RWMutex
		cause := errors.New("cause")
		ctx, cancel := context.WithCancelCause(context.Background())
		want := func(name string, err error) {
			if err != cause {
				t.Errorf("%s: %v", name, err)
			}
		}

		// Readers that wait for a writer.
		rw.Lock()
		for range 3 {
			g.start(func() { want("RLockContext", rw.RLockContext(ctx)) })
		}
		g.start(func() { want("LockContext", rw.LockContext(ctx)) })
		untilReadersWait(&rw, 3)
		untilWritersWait(&rw, 1)
		cancel(cause)
		g.wait()
		rw.Unlock()

		// A writer that waits for readers gives up: those it has kept out go on.
		ctx, cancel = context.WithCancelCause(context.Background())
		rw.RLock()
		g.start(func() { want("LockContext", rw.LockContext(ctx)) })
		untilWritersWait(&rw, 1)
		for range 3 {
			g.start(func() {
				if err := rw.RLockContext(context.Background()); err != nil {
					t.Error(err)
				}
				rw.RUnlock()
			})
		}
		untilReadersWait(&rw, 3)
		cancel(cause)
		g.wait()
		rw.RUnlock()

		// A context that has ended gets no lock, not even a free one.
		want("RLockContext", rw.RLockContext(ctx))
		want("LockContext", rw.LockContext(ctx))
		if !rw.TryLock() {
			t.Error("a call that has failed has locked")
		}
		rw.Unlock()
		if err := rw.LockContext(context.Background()); err != nil {
			t.Error(err)
		}
		rw.Unlock()
	})
}

func TestRWMutexCancelledThread(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		cause := errors.New("cause")
		for name, lock := range map[string]func(rw *gv.RWMutex, ctx context.Context) error{
			"LockContext":  (*gv.RWMutex).LockContext,
			"RLockContext": (*gv.RWMutex).RLockContext,
		} {
			var rw gv.RWMutex
			rw.Lock()
			th := rt.Go(func(ctx context.Context) error { return lock(&rw, context.Background()) })
			until(func() bool { r, w := rw.Waiting(); return r+w == 1 })
			th.Cancel(cause)
			if err := th.Wait(); !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, cause) {
				t.Errorf("%s: %v", name, err)
			}
			rw.Unlock()
		}
	})
}

func TestRWMutexCancellationRacesWithUnlock(t *testing.T) {
	const members, rounds = 8, 150
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			forEachCrew(t, func(t *testing.T, g *crew) {
				var rw gv.RWMutex
				var activity atomic.Int32
				for id := range members {
					r := rand.New(rand.NewPCG(seed, uint64(id)))
					lock, unlock, weight := rw.LockContext, rw.Unlock, int32(1000)
					if id%3 > 0 {
						lock, unlock, weight = rw.RLockContext, rw.RUnlock, 1
					}
					g.start(func() {
						for range rounds {
							ctx, cancel := context.WithCancel(context.Background())
							go func(yields int) {
								for range yields {
									gv.Yield()
								}
								cancel()
							}(r.IntN(4))
							if lock(ctx) != nil {
								continue
							}
							if n := activity.Add(weight); n > 1000 || (n == 1000) != (weight == 1000) {
								t.Errorf("activity %d", n)
							}
							for range r.IntN(3) {
								gv.Yield()
							}
							activity.Add(-weight)
							unlock()
						}
					})
				}
				g.wait()
				if readers, writers := rw.Waiting(); readers+writers != 0 || !rw.TryLock() {
					t.Error("the lock was lost")
				}
			})
		})
	}
}
