package gv_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// acquirer starts a thread that takes weight of s, adds its name to served, and gives it
// back, and returns when it waits.
func acquirer(rt *gv.Runtime, s *gv.Semaphore, served *journal[string], weight int64, p gv.Priority, name string) *gv.Thread {
	before := s.Waiting() + s.Beyond()
	th := rt.Go(func(ctx context.Context) error {
		if err := s.Acquire(ctx, weight); err != nil {
			return err
		}
		served.add(name)
		s.Release(weight)
		return nil
	}, gv.WithPriority(p), gv.WithName(name))
	until(func() bool { return s.Waiting()+s.Beyond() > before })
	return th
}

// Those who wait are served by priority, those of one in order, and goroutines as
// Normal ones. One at a time: so what they add to the journal is in order.
func TestSemaphoreServesByPriority(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		s := gv.NewSemaphore(1)
		s.Acquire(background, 1)
		var served journal[string]
		var ths []*gv.Thread
		for _, round := range []string{"1", "2"} {
			for p := gv.Low; p <= gv.Low; p-- { // until it wraps around
				ths = append(ths, acquirer(rt, s, &served, 1, p, fmt.Sprint(p, round)))
			}
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.Acquire(background, 1)
			served.add("goroutine")
			s.Release(1)
		}()
		untilWaiting(s, 9)
		if s.TryAcquire(1) {
			t.Error("TryAcquire passes those who wait")
		}
		s.Release(1)
		if err := waitAll(ths); err != nil {
			t.Error(err)
		}
		<-done
		want := []string{"Critical1", "Critical2", "High1", "High2", "Normal1", "Normal2", "goroutine", "Low1", "Low2"}
		if got := served.all(); !slices.Equal(got, want) {
			t.Errorf("served %v, want %v", got, want)
		}
	})
}

// A small request of a higher priority passes a large one that waits; one of the same
// priority, or a lower one, does not.
func TestSemaphoreHigherPasses(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		s := gv.NewSemaphore(4)
		s.Acquire(background, 3)
		var served journal[string]
		large := acquirer(rt, s, &served, 4, gv.Normal, "large")
		for _, p := range []gv.Priority{gv.Critical, gv.High, gv.Normal, gv.Low} {
			err := rt.Do(func(context.Context) error {
				if got, want := s.TryAcquire(1), p < gv.Normal; got != want {
					t.Errorf("TryAcquire with priority %v reports %v", p, got)
				} else if got {
					s.Release(1)
				}
				return nil
			}, gv.WithPriority(p))
			if err != nil {
				t.Error(err)
			}
		}
		small := acquirer(rt, s, &served, 1, gv.Low, "small")
		s.Release(3)
		if err := waitAll([]*gv.Thread{large, small}); err != nil {
			t.Error(err)
		}
		if got := served.all(); !slices.Equal(got, []string{"large", "small"}) {
			t.Errorf("served %v", got)
		}
	})
}

// However many come that are higher, the one that has waited longest has its turn
// among the next 64.
func TestSemaphoreStarvesNobody(t *testing.T) {
	const crowd = 200
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		s := gv.NewSemaphore(2)
		s.Acquire(background, 2)
		var served journal[string]
		// It needs all there is, so that each of the others could pass it.
		ths := []*gv.Thread{acquirer(rt, s, &served, 2, gv.Low, "low")}
		for range crowd {
			ths = append(ths, acquirer(rt, s, &served, 1, gv.Critical, "critical"))
		}
		s.Release(2)
		if err := waitAll(ths); err != nil {
			t.Error(err)
		}
		// Those who were served beside each other may have written in another order.
		if at := slices.Index(served.all(), "low"); at > 64+1 {
			t.Errorf("%d were served before the one that has waited longest", at)
		}
		// It holds for those who need not wait, too.
		s.Acquire(background, 1)
		low := acquirer(rt, s, &served, 2, gv.Low, "low")
		passed := 0
		err := rt.Do(func(context.Context) error {
			for s.TryAcquire(1) {
				s.Release(1)
				passed++
			}
			return nil
		}, gv.WithPriority(gv.Critical))
		if err != nil || passed > 64 {
			t.Errorf("%d have passed the one that waits, error %v", passed, err)
		}
		s.Release(1)
		if err := low.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// A change of a waiter's priority moves it in the queue: one that SetPriority makes, and one
// that a Mutex lends. Who comes first then may be served at once.
func TestSemaphoreFollowsPriority(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		s := gv.NewSemaphore(3)
		s.Acquire(background, 3)
		var served journal[string]
		large := acquirer(rt, s, &served, 3, gv.High, "large")
		raised := acquirer(rt, s, &served, 1, gv.Low, "raised")
		var mu gv.Mutex
		lent := rt.Go(func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			if err := s.Acquire(background, 1); err != nil {
				return err
			}
			served.add("lent")
			s.Release(1)
			return nil
		}, gv.WithPriority(gv.Low))
		untilWaiting(s, 3)
		s.Release(1) // is for large, which needs more
		if got := served.all(); len(got) != 0 {
			t.Errorf("served %v", got)
		}
		raised.SetPriority(gv.Critical)
		if err := raised.Wait(); err != nil {
			t.Error(err)
		}
		lender := rt.Go(func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			return nil
		}, gv.WithPriority(gv.Critical))
		if err := waitAll([]*gv.Thread{lender, lent}); err != nil {
			t.Error(err)
		}
		s.Release(2)
		if err := large.Wait(); err != nil {
			t.Error(err)
		}
		if got := served.all(); !slices.Equal(got, []string{"raised", "lent", "large"}) {
			t.Errorf("served %v", got)
		}
	})
}
