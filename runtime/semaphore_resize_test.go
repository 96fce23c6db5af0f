package gv_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

func TestSemaphoreResize(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var s gv.Semaphore // the zero one becomes useful
		var served journal[string]
		// What is beyond the size keeps nobody waiting.
		five := acquirer(rt, &s, &served, 5, gv.Critical, "five")
		one := acquirer(rt, &s, &served, 1, gv.Normal, "one")
		three := acquirer(rt, &s, &served, 3, gv.Low, "three")
		if s.Waiting() != 0 || s.Beyond() != 3 {
			t.Errorf("%d wait, and %d for what can't be", s.Waiting(), s.Beyond())
		}
		s.Resize(4)
		if err := waitAll([]*gv.Thread{one, three}); err != nil {
			t.Error(err)
		}
		// One who waits may come to ask for too much, and no longer keeps others waiting.
		if !s.TryAcquire(4) {
			t.Fatal("4 of 4 are not to be had")
		}
		four := acquirer(rt, &s, &served, 4, gv.High, "four")
		two := acquirer(rt, &s, &served, 2, gv.Normal, "two")
		s.Resize(2)
		if s.Held() != 4 || s.TryAcquire(0) {
			t.Error("what was held is not, or there is something to be had")
		}
		s.Release(2)
		if s.Waiting() != 1 || s.Beyond() != 2 {
			t.Errorf("%d wait, and %d for what can't be", s.Waiting(), s.Beyond())
		}
		s.Release(1)
		s.Release(1)
		if err := two.Wait(); err != nil {
			t.Error(err)
		}
		// They are where they were, by priority.
		s.Resize(5)
		if err := waitAll([]*gv.Thread{four, five}); err != nil {
			t.Error(err)
		}
		if got := served.all(); !slices.Equal(got[2:], []string{"two", "five", "four"}) {
			t.Errorf("served %v", got)
		}
		if s.Held() != 0 || s.Waiting() != 0 || s.Beyond() != 0 {
			t.Errorf("%d held, %d and %d wait", s.Held(), s.Waiting(), s.Beyond())
		}
		mustPanic(t, "gv: Semaphore.Resize of -1: must not be negative", func() { s.Resize(-1) })
	})
}

// One who waits for what can't be leaves when he is cancelled, whatever has become of
// the size.
func TestSemaphoreResizeAndCancel(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		s := gv.NewSemaphore(4)
		s.Acquire(background, 4)
		var served journal[string]
		four := acquirer(rt, s, &served, 4, gv.Normal, "four")
		one := acquirer(rt, s, &served, 1, gv.Normal, "one")
		s.Resize(3)
		four.SetPriority(gv.Critical)
		cause := errors.New("cause")
		four.Cancel(cause)
		if err := four.Wait(); !errors.Is(err, cause) {
			t.Errorf("Acquire: %v", err)
		}
		s.Resize(5)
		if err := one.Wait(); err != nil {
			t.Error(err)
		}
		s.Release(4)
		if s.Held() != 0 || s.Waiting() != 0 || s.Beyond() != 0 {
			t.Errorf("%d held, %d and %d wait", s.Held(), s.Waiting(), s.Beyond())
		}
	})
}

// Threads and goroutines of all priorities take and give back, give up and change
// their priorities, while the size changes. No more is held than there was at
// most, and nothing is left.
func TestSemaphoreStress(t *testing.T) {
	const members, rounds, most = 8, 100, 6
	seeds := uint64(4)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
				s := gv.NewSemaphore(most)
				var inside atomic.Int64
				member := func(r *rand.Rand) {
					for range rounds {
						weight := r.Int64N(most + 1)
						ctx, cancel := context.WithCancel(background)
						if r.IntN(3) == 0 {
							gv.Go(func(context.Context) error { cancel(); return nil }, gv.WithPriority(gv.Critical))
						}
						if s.Acquire(ctx, weight) == nil {
							if n := inside.Add(weight); n > most {
								t.Errorf("%d of at most %d are held", n, most)
							}
							for range r.IntN(3) {
								gv.Yield()
							}
							inside.Add(-weight)
							s.Release(weight)
						}
						cancel()
						if me := gv.Current(); me != nil && r.IntN(4) == 0 {
							me.SetPriority(gv.Priority(r.IntN(4)))
						}
					}
				}
				var ths []*gv.Thread
				var goroutines gv.WaitGroup
				for id := range members {
					r := rand.New(rand.NewPCG(seed, uint64(id)))
					if id%4 == 3 {
						goroutines.Add(1)
						go func() {
							defer goroutines.Done()
							member(r)
						}()
						continue
					}
					ths = append(ths, rt.Go(func(context.Context) error {
						member(r)
						return nil
					}))
				}
				r := rand.New(rand.NewPCG(seed, members))
				resizer := rt.Go(func(context.Context) error {
					for range rounds {
						s.Resize(r.Int64N(most + 1))
						ths[r.IntN(len(ths))].SetPriority(gv.Priority(r.IntN(4)))
						gv.Yield()
					}
					s.Resize(most)
					return nil
				})
				if err := waitAll(append(ths, resizer)); err != nil {
					t.Error(err)
				}
				goroutines.Wait()
				if s.Held() != 0 || s.Waiting() != 0 || s.Beyond() != 0 || !s.TryAcquire(most) {
					t.Errorf("%d held, %d and %d wait", s.Held(), s.Waiting(), s.Beyond())
				}
			})
		})
	}
}
