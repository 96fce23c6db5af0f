package gv_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// Sleep lasts at least as long as it should, in threads and goroutines, with
// workers idle and with workers busy.
func TestSleepIsLongEnough(t *testing.T) {
	forEachCrew(t, func(t *testing.T, c *crew) {
		for _, d := range []time.Duration{-1, 0, 1, time.Microsecond, 300 * time.Microsecond, 6 * time.Millisecond, 15 * time.Millisecond} {
			c.start(func() {
				start := time.Now()
				if err := gv.Sleep(d); err != nil {
					t.Error(err)
				}
				if got := time.Since(start); got < d {
					t.Errorf("Sleep(%v) took %v", d, got)
				}
			})
		}
		c.wait()
	})
}

// A higher thread that sleeps runs again while lower ones hold all workers, with
// safepoints and without.
func TestSleeperInterruptsBusyThreads(t *testing.T) {
	for _, safepoints := range []bool{true, false} {
		t.Run(fmt.Sprintf("safepoints=%v", safepoints), func(t *testing.T) {
			onEachEngine(t, gv.Config{Workers: 2, MaxWait: long}, func(t *testing.T, rt *gv.Runtime) {
				if caps := rt.Capabilities(); !safepoints && caps.Engine == gv.Native && !caps.Forced {
					t.Skip(caps.ForcedReason)
				}
				var ready atomic.Bool
				sleeper := rt.Go(func(context.Context) error {
					ready.Store(true)
					for range 20 {
						if err := gv.Sleep(100 * time.Microsecond); err != nil {
							return err
						}
					}
					return nil
				}, gv.WithPriority(gv.High))
				until(ready.Load)
				var busy []*spinner
				for range 3 {
					busy = append(busy, startSpinner(rt, gv.Low, safepoints))
				}
				if err := sleeper.Wait(); err != nil {
					t.Error(err)
				}
				for _, s := range busy {
					if err := s.end(); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

func TestManySleepers(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		var ts []*gv.Thread
		var awake atomic.Int32
		const n = 5000
		for i := range n {
			ts = append(ts, rt.Go(func(context.Context) error {
				if err := gv.Sleep(time.Duration(i%97) * 100 * time.Microsecond); err != nil {
					return err
				}
				awake.Add(1)
				return nil
			}))
		}
		if err := waitAll(ts); err != nil {
			t.Error(err)
		}
		if awake.Load() != n {
			t.Errorf("%d of %d woke up", awake.Load(), n)
		}
	})
}

// A sleep that would end after the end of time ends when it is cancelled.
func TestEndlessSleep(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		th := rt.Go(func(context.Context) error { return gv.Sleep(math.MaxInt64) })
		until(func() bool { return th.State() == gv.StateBlocked })
		th.Cancel(nil)
		if err := th.Wait(); !errors.Is(err, gv.ErrCancelled) {
			t.Errorf("%v", err)
		}
	})
}

// Sleep(0) is Yield: another thread of the same priority has its turn.
func TestSleepZeroYields(t *testing.T) {
	forEachStrict(t, 1, func(rt *gv.Runtime) error {
		return rt.Run(func(context.Context) error {
			ran := false
			gv.Go(func(context.Context) error {
				ran = true
				return nil
			})
			if err := gv.Sleep(0); err != nil {
				return err
			}
			if !ran {
				return errors.New("the other thread had no turn")
			}
			return nil
		})
	})
}
