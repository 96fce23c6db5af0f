package gvtrace_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtrace"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// run has a crowd act, in threads of its own and on goroutines, and waits for its end.
func run(t *testing.T, rt *gv.Runtime, seed uint64) *enginetest.Crowd {
	var c enginetest.Crowd
	numbers := gv.NewChan[int](4)
	var all sync.WaitGroup
	for i := range 8 {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		act := func(context.Context) error {
			c.Join()
			for range 50 {
				if err := c.Act(random.IntN(40)); err != nil {
					return err
				}
				if numbers.TrySend(1) != nil {
					_, _ = numbers.TryRecv()
				}
			}
			return nil
		}
		options := []gv.Option{gv.WithPriority(gv.Priority(i % 4)), gv.WithName(fmt.Sprint("actor ", i))}
		all.Go(func() {
			var err error
			if i < 4 {
				err = rt.Do(act, options...)
			} else {
				err = rt.Go(act, options...).Wait()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	until(func() bool { return rt.Stats().Idle == rt.Stats().Workers })
	return &c
}

// Whatever threads do, and whatever else is recorded meanwhile, a file is in order, which
// read checks; and the slices of each thread are its run time, to the nanosecond.
func TestSlicesAddUpToRunTime(t *testing.T) {
	config := gv.Config{Workers: 2, TimeSlice: time.Millisecond, MaxWait: 5 * time.Millisecond, Accounting: true}
	enginetest.Each(t, config, func(t *testing.T, rt *gv.Runtime) {
		seeds := uint64(5)
		if testing.Short() {
			seeds = 2
		}
		for seed := range seeds {
			r := gvtrace.NewFlightRecorder(rt, gvtrace.Config{MinAge: long})
			if err := r.Start(); err != nil {
				t.Fatal(err)
			}
			begun := rt.Stats().Switches
			over := make(chan struct{})
			var others sync.WaitGroup
			others.Go(func() { recordAll(t, rt, over) })
			c := run(t, rt, seed)
			close(over)
			others.Wait()

			tl := snapshot(t, r)
			r.Stop()
			if n := len(tl.all()); uint64(n) != rt.Stats().Switches-begun || tl.lost != 0 {
				t.Errorf("seed %d: there are %d slices, %d are lost, and there were %d turns", seed, n, tl.lost, rt.Stats().Switches-begun)
			}
			ran := map[uint64]time.Duration{}
			for _, s := range tl.all() {
				ran[s.id] += time.Duration(s.end - s.begin)
			}
			for _, th := range c.Threads() {
				if got, want := ran[th.ID()], th.RunTime(); got != want {
					t.Errorf("seed %d: the slices of thread %d %q add up to %v, and its run time is %v", seed, th.ID(), th.Name(), got, want)
				}
			}
			if len(tl.flows) == 0 {
				t.Errorf("seed %d: there are no arrows", seed)
			}
		}
	})
}

// recordAll records rt again and again, with little room and with enough, until over is
// closed.
func recordAll(t *testing.T, rt *gv.Runtime, over <-chan struct{}) {
	for i := 0; ; i++ {
		r := gvtrace.NewFlightRecorder(rt, gvtrace.Config{MinAge: 3 * time.Millisecond, MaxBytes: uint64(1 + i%2<<20)})
		if err := r.Start(); err != nil {
			t.Error(err)
			return
		}
		select {
		case <-over:
			r.Stop()
			return
		case <-time.After(2 * time.Millisecond):
		}
		if tl := snapshot(t, r); tl.end > int64(3*time.Millisecond) {
			t.Errorf("the file is of %d ns, and MinAge is 3 ms", tl.end)
		}
		r.Stop()
	}
}
