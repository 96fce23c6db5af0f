package gv_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"runtime/metrics"
	"slices"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// counted returns how many times are in a histogram.
func counted(h *metrics.Float64Histogram) (n uint64) {
	for _, c := range h.Counts {
		n += c
	}
	return n
}

// counts returns how many waits there were, by priority.
func counts(s gv.Stats) (n [4]uint64) {
	for p, h := range s.WaitTime {
		n[p] = counted(h)
	}
	return n
}

// wantWaited says what is wrong if the sums of the waits are not what the histograms allow.
func wantWaited(s gv.Stats) error {
	for p, h := range s.WaitTime {
		var least, most float64
		for i, n := range h.Counts {
			if n > 0 {
				least += float64(n) * h.Buckets[i]
				most += float64(n) * h.Buckets[i+1]
			}
		}
		// The bounds are rounded.
		if sum := s.Waited[p].Seconds(); sum < least*(1-1e-9) || sum > most*(1+1e-9) {
			return fmt.Errorf("%v threads have waited for %v s, and the histogram has %v to %v s", gv.Priority(p), sum, least, most)
		}
	}
	return nil
}

// The histograms have the shape of those of runtime/metrics, no gap, and no end, and don't
// keep Stats from being JSON.
func TestWaitTimeBuckets(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1, Accounting: true}, func(t *testing.T, rt *gv.Runtime) {
		s := rt.Stats()
		for p, h := range s.WaitTime {
			b := h.Buckets
			if len(b) != len(h.Counts)+1 || b[0] != 0 || b[1] > 1e-6 || b[len(b)-2] < 100 || !math.IsInf(b[len(b)-1], 1) || !slices.IsSorted(b) || counted(h) != 0 {
				t.Errorf("%v: %+v", gv.Priority(p), h)
			}
			for i := 2; i < len(b)-1; i++ {
				if r := b[i] / b[i-1]; math.Abs(r-math.Sqrt2) > 1e-9 {
					t.Errorf("bucket %d is from %v to %v s", i-1, b[i-1], b[i])
				}
			}
		}
		if _, err := json.Marshal(s); err != nil {
			t.Error(err)
		}
	})
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		if err := rt.Run(func(context.Context) error { return nil }); err != nil {
			t.Error(err)
		}
		if s := rt.Stats(); s.WaitTime != [4]*metrics.Float64Histogram{} || s.Waited != [4]time.Duration{} {
			t.Errorf("without accounting: %v, %v", s.WaitTime, s.Waited)
		}
	})
}

// A wait is from when a thread is ready to when it has a worker, and counts for the thread's
// priority. Those count, too, who find an idle worker.
func TestWaitTime(t *testing.T) {
	c := strict(gv.Auto, 1)
	c.Accounting = true
	for _, c.Engine = range engines {
		t.Run(c.Engine.String(), func(t *testing.T) {
			undisturbed(t, c, func(rt *gv.Runtime) error {
				g := closeGate(rt) // which found the worker idle
				defer g.open()
				var ran time.Time
				before := time.Now()
				th := rt.Go(func(context.Context) error {
					ran = time.Now()
					return nil
				}, gv.WithPriority(gv.High))
				after := time.Now()
				opened := time.Now()
				g.open()
				if err := th.Wait(); err != nil {
					return err
				}
				least, most := opened.Sub(after), ran.Sub(before)
				s := rt.Stats()
				if n := counts(s); n != [4]uint64{gv.Critical: 1, gv.High: 1} {
					return fmt.Errorf("one Critical thread and one High one have had a turn, and the waits are %v", n)
				}
				h := s.WaitTime[gv.High]
				i := slices.Index(h.Counts, 1)
				if h.Buckets[i] > most.Seconds() || h.Buckets[i+1] <= least.Seconds() {
					return fmt.Errorf("a wait of %v to %v is in the bucket from %v to %v s", least, most, h.Buckets[i], h.Buckets[i+1])
				}
				if sum := s.Waited[gv.High]; sum < least || sum > most {
					return fmt.Errorf("a wait of %v to %v counts as %v", least, most, sum)
				}
				return wantWaited(s)
			})
		})
	}
}

// A thread that has waited for Config.MaxWait has waited with its own priority, though it
// gets the worker as if it were Critical.
func TestWaitTimeOfStarved(t *testing.T) {
	const maxWait = 5 * time.Millisecond
	c := gv.Config{Workers: 1, MaxWait: maxWait, TimeSlice: time.Millisecond, Accounting: true}
	onEachEngine(t, c, func(t *testing.T, rt *gv.Runtime) {
		g := closeGate(rt)
		low := rt.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.Low))
		if err := low.Wait(); err != nil {
			t.Error(err)
		}
		g.open()
		s := rt.Stats()
		n := counts(s)
		if n[gv.Low] == 0 || n[gv.High]+n[gv.Normal] != 0 || s.Boosts == 0 && s.Handoffs == 0 {
			t.Errorf("the waits are %v: %+v", n, s)
		}
		if err := wantWaited(s); err != nil {
			t.Error(err)
		}
	})
}

// Who gets its worker back, from a higher thread or from the one that it runs within, has
// begun another turn.
func TestWaitTimeOfTurnsThatComeBack(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1, MaxWait: long, Accounting: true}, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(context.Context) error {
			nothing := func(context.Context) error { return nil }
			if err := gv.Do(nothing, gv.WithPriority(gv.High)); err != nil {
				return err
			}
			return gv.Go(nothing, gv.WithPriority(gv.Critical)).Wait()
		}, gv.WithPriority(gv.Low))
		if err != nil {
			t.Error(err)
		}
		until(func() bool { return rt.Stats().Idle == 1 })
		s := rt.Stats()
		n := counts(s)
		if n[gv.Critical] == 0 || n[gv.High] == 0 || n[gv.Low] < 3 || n[gv.Critical]+n[gv.High]+n[gv.Low] != s.Switches {
			t.Errorf("the waits are %v: %+v", n, s)
		}
		if err := wantWaited(s); err != nil {
			t.Error(err)
		}
	})
}
