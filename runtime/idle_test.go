//go:build unix

package gv_test

import (
	"context"
	"log/slog"
	"syscall"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// cpuTime returns the CPU time that the process has used.
func cpuTime(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Skip(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// A runtime whose threads are all parked uses no CPU time to speak of.
func TestIdleRuntimeRests(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const rest, bound, attempts = 5 * time.Second, 5 * time.Millisecond, 3
	onEachEngine(t, gv.Config{Workers: 2, MaxStack: 1 << 20, Logger: slog.New(slog.DiscardHandler)}, func(t *testing.T, rt *gv.Runtime) {
		c := make(chan int)
		gc := gv.NewChan[int](0)
		var mu gv.Mutex
		mu.Lock()
		var asleep []*gv.Thread
		for _, wait := range []func(context.Context) error{
			func(context.Context) error { return gv.Sleep(long) },
			func(context.Context) error { _, err := gc.Recv(); return err },
			func(ctx context.Context) error { return mu.LockContext(ctx) },
			func(context.Context) error { gv.Block(func() { <-c }); return nil },
		} {
			for range 50 {
				asleep = append(asleep, rt.Go(wait))
			}
		}
		until(func() bool {
			for _, th := range asleep {
				if th.State() != gv.StateBlocked {
					return false
				}
			}
			return true
		})
		var used time.Duration
		// The collector, and the testing package, may have something to do of
		// their own: that happens once.
		for range attempts {
			before := cpuTime(t)
			time.Sleep(rest)
			if used = cpuTime(t) - before; used < bound {
				break
			}
		}
		if used >= bound {
			t.Errorf("used %v in %v, want less than %v", used, rest, bound)
		}
		close(c)
		for _, th := range asleep {
			th.Cancel(nil)
		}
	})
}
