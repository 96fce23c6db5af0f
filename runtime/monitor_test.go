package gv_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// Threads of one priority that never give way take turns, because slices end:
// each waits until all others have got further, with safepoints and without.
func TestSlicesEnd(t *testing.T) {
	const members, steps = 4, 5
	for _, safepoints := range []bool{true, false} {
		t.Run(fmt.Sprintf("safepoints=%v", safepoints), func(t *testing.T) {
			onEachEngine(t, gv.Config{Workers: 1, TimeSlice: time.Millisecond, MaxWait: long}, func(t *testing.T, rt *gv.Runtime) {
				if !safepoints {
					needStops(t, rt)
				}
				var progress [members]atomic.Int32
				behind := func(step int32) bool {
					for i := range progress {
						if progress[i].Load() < step {
							return true
						}
					}
					return false
				}
				var ts []*gv.Thread
				for i := range members {
					ts = append(ts, rt.Go(func(context.Context) error {
						for step := range int32(steps) {
							progress[i].Store(step)
							for behind(step) {
								enginetest.Spin(100)
								if safepoints {
									gv.Safepoint()
								}
							}
						}
						progress[i].Store(steps)
						return nil
					}))
				}
				if err := waitAll(ts); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A slice that ends makes nobody of a higher priority wait, and gives nothing to
// a lower one.
func TestSliceDoesNotServeLower(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			undisturbed(t, gv.Config{Engine: engine, Workers: 1, TimeSlice: time.Millisecond, MaxWait: long}, func(rt *gv.Runtime) error {
				var lowRan atomic.Bool
				high := rt.Go(func(context.Context) error {
					gv.Go(func(context.Context) error {
						lowRan.Store(true)
						return nil
					}, gv.WithPriority(gv.Low))
					for end := time.Now().Add(10 * time.Millisecond); time.Now().Before(end); {
						gv.Safepoint()
					}
					if lowRan.Load() {
						return errors.New("a lower thread ran when the slice had ended")
					}
					return nil
				})
				return high.Wait()
			})
		})
	}
}

// The program may set GOMAXPROCS as it likes while a runtime is open: threads
// run on, and are preempted.
func TestGOMAXPROCSLowered(t *testing.T) {
	defer goruntime.GOMAXPROCS(goruntime.GOMAXPROCS(0))
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		needStops(t, rt)
		goruntime.GOMAXPROCS(1)
		low := []*spinner{startSpinner(rt, gv.Low, true), startSpinner(rt, gv.Low, false)}
		err := rt.Go(func(context.Context) error {
			for range 5 {
				if err := gv.Sleep(time.Millisecond); err != nil {
					return err
				}
			}
			return nil
		}, gv.WithPriority(gv.High)).Wait()
		if err != nil {
			t.Error(err)
		}
		for _, s := range low {
			if err := s.end(); err != nil {
				t.Error(err)
			}
		}
	})
}

// After everything has been at rest, the Monitor is there again for the next
// who needs it: a sleeper, a slice, a force.
func TestMonitorAfterRest(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		needStops(t, rt)
		for range 3 {
			time.Sleep(10 * time.Millisecond) // long enough for it to lie down
			if err := rt.Go(func(context.Context) error { return gv.Sleep(time.Millisecond) }).Wait(); err != nil {
				t.Error(err)
			}
			time.Sleep(10 * time.Millisecond)
			low := startSpinner(rt, gv.Low, false)
			time.Sleep(10 * time.Millisecond) // nobody waits: it may lie down again
			if err := rt.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.High)).Wait(); err != nil {
				t.Error(err)
			}
			equal := startSpinner(rt, gv.Low, false)
			for _, s := range []*spinner{low, equal} {
				if err := s.end(); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

// Plain goroutines and timers of the program get their turn while threads hold
// all workers and never rest.
func TestGoroutinesBesideBusyThreads(t *testing.T) {
	onEachEngine(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		var busy []*spinner
		for range 2 * rt.Stats().Workers {
			busy = append(busy, startSpinner(rt, gv.Critical, true))
		}
		c, timer := make(chan int), time.After(time.Millisecond)
		for range 10 {
			go func() { c <- 1 }()
			<-c
		}
		<-timer
		for _, s := range busy {
			if err := s.end(); err != nil {
				t.Error(err)
			}
		}
	})
}
