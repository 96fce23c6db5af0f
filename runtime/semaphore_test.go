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

var background = context.Background()

func TestSemaphoreBounds(t *testing.T) {
	const members, size, rounds = 10, 7, 200
	forEachCrew(t, func(t *testing.T, g *crew) {
		s := gv.NewSemaphore(size)
		var held atomic.Int64
		for id := range members {
			weight := int64(id%size + 1)
			g.start(func() {
				for i := range rounds {
					if i%3 > 0 || !s.TryAcquire(weight) {
						if err := s.Acquire(background, weight); err != nil {
							t.Error(err)
						}
					}
					if n := held.Add(weight); n > size {
						t.Errorf("%d of %d are held", n, size)
					}
					if i%5 == 0 {
						gv.Yield()
					}
					held.Add(-weight)
					s.Release(weight)
				}
			})
		}
		g.wait()
		if s.Held() != 0 || s.Waiting() != 0 {
			t.Errorf("%d held, %d wait", s.Held(), s.Waiting())
		}
	})
}

func TestSemaphoreMisuse(t *testing.T) {
	s := gv.NewSemaphore(2)
	s.Acquire(background, 1)
	mustPanic(t, "gv: NewSemaphore: negative size -1", func() { gv.NewSemaphore(-1) })
	mustPanic(t, "gv: Semaphore.Release of 2: only 1 held", func() { s.Release(2) })
	mustPanic(t, "gv: Semaphore.Release of -1: must not be negative", func() { s.Release(-1) })
	mustPanic(t, "gv: Semaphore.Acquire of -1: must not be negative", func() { s.Acquire(background, -1) })
	mustPanic(t, "gv: Semaphore.TryAcquire of -1: must not be negative", func() { s.TryAcquire(-1) })
	s.Release(1)
	if !s.TryAcquire(2) || s.TryAcquire(1) || !s.TryAcquire(0) {
		t.Error("misuse has changed what is held")
	}
	var zero gv.Semaphore
	if zero.TryAcquire(1) || !zero.TryAcquire(0) {
		t.Error("the zero Semaphore has something to give")
	}
}

// A large request is served before small ones that come later.
func TestSemaphoreServesInOrder(t *testing.T) {
	const size = 8
	forEachCrew(t, func(t *testing.T, g *crew) {
		s := gv.NewSemaphore(size)
		s.Acquire(background, size)
		order := make(chan int64, 10)
		for i, weight := range []int64{size, 1, 2} {
			g.start(func() {
				s.Acquire(background, weight)
				order <- weight
				s.Release(weight)
			})
			untilWaiting(s, i+1)
		}
		s.Release(size - 1)
		if s.TryAcquire(1) {
			t.Error("TryAcquire passes those who wait")
		}
		if s.Waiting() != 3 {
			t.Error("small requests have passed a large one")
		}
		s.Release(1)
		g.wait()
		if first := <-order; first != size {
			t.Errorf("the request for %d was served first", first)
		}
		if s.Held() != 0 {
			t.Errorf("%d held", s.Held())
		}
	})
}

func TestSemaphoreContext(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		s := gv.NewSemaphore(4)
		cause := errors.New("cause")
		ctx, cancel := context.WithCancelCause(background)
		s.Acquire(background, 2)

		// One that can never be served keeps nobody waiting.
		g.start(func() {
			if err := s.Acquire(ctx, 5); err != cause {
				t.Errorf("Acquire of too much: %v", err)
			}
		})
		// One that waits in front of others leaves them its place.
		g.start(func() {
			if err := s.Acquire(ctx, 4); err != cause {
				t.Errorf("Acquire: %v", err)
			}
		})
		untilWaiting(s, 1)
		for i := range 2 {
			g.start(func() {
				if err := s.Acquire(background, 1); err != nil {
					t.Errorf("Acquire: %v", err)
				}
			})
			untilWaiting(s, i+2)
		}
		cancel(cause)
		g.wait()
		if s.Held() != 4 || s.Waiting() != 0 {
			t.Errorf("%d held, %d wait", s.Held(), s.Waiting())
		}
		s.Release(4)
		// A context that has ended gets nothing, even if it could.
		if err := s.Acquire(ctx, 1); err != cause || s.Held() != 0 {
			t.Errorf("Acquire: %v, %d held", err, s.Held())
		}
	})
}

// What was cancelled before the Release does not get what is released: that goes
// to the next one.
func TestSemaphoreCancelBeforeRelease(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		for range 100 {
			s := gv.NewSemaphore(1)
			s.Acquire(background, 1)
			ctx, cancel := context.WithCancel(background)
			g.start(func() {
				if err := s.Acquire(ctx, 1); err != context.Canceled {
					t.Errorf("Acquire: %v", err)
				}
			})
			untilWaiting(s, 1)
			g.start(func() {
				if err := s.Acquire(background, 1); err != nil {
					t.Errorf("Acquire: %v", err)
				}
				s.Release(1)
			})
			untilWaiting(s, 2)
			cancel()
			s.Release(1)
			g.wait()
			if s.Held() != 0 {
				t.Fatalf("%d held", s.Held())
			}
		}
	})
}

func TestSemaphoreCancelledThread(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		s := gv.NewSemaphore(2)
		s.Acquire(background, 2)
		cause := errors.New("cause")
		for _, weight := range []int64{1, 3} {
			th := rt.Go(func(ctx context.Context) error { return s.Acquire(background, weight) })
			until(func() bool { return th.State() == gv.StateBlocked })
			th.Cancel(cause)
			if err := th.Wait(); !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, cause) {
				t.Errorf("Acquire of %d: %v", weight, err)
			}
		}
		if s.Held() != 2 || s.Waiting() != 0 {
			t.Errorf("%d held, %d wait", s.Held(), s.Waiting())
		}
	})
}

func TestSemaphoreCancellationRacesWithRelease(t *testing.T) {
	const members, size, rounds = 8, 5, 150
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			forEachCrew(t, func(t *testing.T, g *crew) {
				s := gv.NewSemaphore(size)
				for id := range members {
					r := rand.New(rand.NewPCG(seed, uint64(id)))
					g.start(func() {
						for range rounds {
							ctx, cancel := context.WithCancel(background)
							go func(yields int) {
								for range yields {
									gv.Yield()
								}
								cancel()
							}(r.IntN(4))
							weight := r.Int64N(size + 2)
							if s.Acquire(ctx, weight) != nil {
								continue
							}
							for range r.IntN(3) {
								gv.Yield()
							}
							s.Release(weight)
						}
					})
				}
				g.wait()
				if s.Held() != 0 || s.Waiting() != 0 || !s.TryAcquire(size) {
					t.Errorf("%d held, %d wait", s.Held(), s.Waiting())
				}
			})
		})
	}
}
