package gv_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// What Stats says is what has happened.
func TestStats(t *testing.T) {
	forEachStrict(t, 1, func(rt *gv.Runtime) error {
		if s := rt.Stats(); s != (gv.Stats{Workers: 1, Idle: 1}) {
			return fmt.Errorf("of a new runtime: %+v", s)
		}
		g := closeGate(rt)
		var ts []*gv.Thread
		for p, n := range []int{1, 2, 3, 4} {
			if gv.Priority(p) == gv.Critical {
				continue // would take turns with the gate
			}
			for range n {
				ts = append(ts, rt.Go(func(context.Context) error { gv.Yield(); return nil }, gv.WithPriority(gv.Priority(p))))
			}
		}
		s := rt.Stats()
		if s.Ready != [4]int{0, 2, 3, 4} || s.Threads != 10 || s.Started != 10 || s.Finished != 0 || s.Idle != 0 {
			return fmt.Errorf("with one running and nine ready: %+v", s)
		}
		before := s.Switches
		g.open()
		if err := waitAll(append(ts, g.thread)); err != nil {
			return err
		}
		until(func() bool { return rt.Stats().Threads == 0 })
		s = rt.Stats()
		if s.Ready != [4]int{} || s.Finished != 10 || s.Fibers > 10 {
			return fmt.Errorf("after the end of all: %+v", s)
		}
		// Each has had one turn, and those that had somebody to yield to a
		// second one: all but the last of each priority.
		if n := s.Switches - before; n < 9 || n > 18 {
			return fmt.Errorf("%d switches", n)
		}
		return nil
	})
}

// Preemptions count as what they were.
func TestStatsCountPreemptions(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1, MaxWait: long}, func(t *testing.T, rt *gv.Runtime) {
		low := startSpinner(rt, gv.Low, true)
		for range 10 {
			if err := rt.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.High)).Wait(); err != nil {
				t.Error(err)
			}
		}
		if err := low.end(); err != nil {
			t.Error(err)
		}
		s := rt.Stats()
		if s.Cooperative+s.Forced+s.Handoffs == 0 {
			t.Errorf("ten higher threads ran, and no preemption is counted: %+v", s)
		}
		if s.Boosts != 0 {
			t.Errorf("%d boosts without a wait", s.Boosts)
		}
	})
}

// Fibers are used again: threads that run one after another need few.
func TestFibersAreReused(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(context.Context) error {
			for range 500 {
				if err := gv.Go(func(context.Context) error { return nil }).Wait(); err != nil {
					return err
				}
			}
			if n := rt.Stats().Fibers; n > 10 {
				return errors.New(fmt.Sprint(n, " fibers for two threads at a time"))
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// No thread holds a worker that rests.
func TestRestingWorkersAreIdle(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		// A rest is short, and may be over before it has been looked at.
		for looked := false; !looked; {
			rt.RestWorker()
			before := rt.Resting()
			s := rt.Stats()
			looked = before > 0 && rt.Resting() == before
			if looked && s.Idle != 1 {
				t.Errorf("%d workers are idle while the only one rests", s.Idle)
			}
		}
		until(func() bool { return rt.Resting() == 0 })
	})
}

// Stats says when the runtime is closed, and of what it has done.
func TestStatsOfClosedRuntime(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			rt, err := gv.New(gv.Config{Engine: engine, Workers: 2})
			if err != nil {
				t.Skip(err)
			}
			defer watchdog(t)()
			if err := rt.Go(func(context.Context) error { return nil }).Wait(); err != nil {
				t.Error(err)
			}
			if rt.Stats().Closed {
				t.Error("it is said to be closed before Close")
			}
			if err := rt.Close(); err != nil {
				t.Error(err)
			}
			if s := rt.Stats(); !s.Closed || s.Idle != 2 || s.Threads != 0 || s.Finished != 1 {
				t.Errorf("of a closed runtime: %+v", s)
			}
		})
	}
}
