package gv_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// Threads of one priority take turns also where more urgent ones come more often
// than slices end, for each of which one makes way: a slice goes on after that.
func TestSlicesOfDisplacedThreads(t *testing.T) {
	const equals, requests = 4, 3000
	for _, deaf := range []bool{false, true} {
		name := "safepoints"
		if deaf {
			name = "deaf"
		}
		t.Run(name, func(t *testing.T) {
			rt := openForced(t, gv.Config{Workers: 1, TimeSlice: 10 * time.Millisecond, MaxWait: long})
			var ran atomic.Int32
			var low []*gv.Thread
			for range equals {
				low = append(low, rt.Go(func(context.Context) error {
					ran.Add(1)
					for ran.Load() < equals {
						enginetest.Spin(1000)
						if !deaf {
							gv.Safepoint()
						}
					}
					return nil
				}, gv.WithPriority(gv.Low)))
			}
			for n := 0; ran.Load() < equals; n++ {
				if n == requests {
					t.Errorf("after %d requests %d of %d threads have run", n, ran.Load(), equals)
					ran.Store(equals)
				}
				if err := rt.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.Critical)).Wait(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Millisecond)
			}
			if err := waitAll(low); err != nil {
				t.Error(err)
			}
		})
	}
}

// A class has slices of its own: a Low thread with a long one finishes what it has begun
// before its equals begin, a Normal one with a short one doesn't.
func TestSlicesByPriority(t *testing.T) {
	for _, test := range []struct {
		priority gv.Priority
		turns    bool // they take turns
	}{{gv.Normal, true}, {gv.Low, false}} {
		for _, engine := range engines {
			t.Run(fmt.Sprintf("%v/%v", test.priority, engine), func(t *testing.T) {
				c := gv.Config{Engine: engine, Workers: 1, MaxWait: time.Millisecond}
				c.Slices[gv.Normal], c.Slices[gv.Low] = 5*time.Millisecond, long
				undisturbed(t, c, func(rt *gv.Runtime) error {
					var began, ended atomic.Int32
					var together atomic.Bool
					work := func(context.Context) error {
						if began.Add(1) > ended.Load()+1 {
							together.Store(true)
						}
						// Those that take turns go on until they have.
						for from := time.Now(); (test.turns || time.Since(from) < 20*time.Millisecond) && !together.Load(); gv.Safepoint() {
							enginetest.Spin(1000)
						}
						ended.Add(1)
						return nil
					}
					err := rt.Run(func(context.Context) error {
						for range 3 {
							gv.Go(work, gv.WithPriority(test.priority))
						}
						return nil
					}, gv.WithPriority(gv.Critical))
					if err != nil {
						return err
					}
					if got := together.Load(); got != test.turns {
						return fmt.Errorf("several were in progress at once: %v, want %v", got, test.turns)
					}
					if n := rt.Stats().Boosts; n > 0 {
						return fmt.Errorf("%d threads were boosted that only equals kept waiting", n)
					}
					return nil
				})
			})
		}
	}
}
