package gvdebug_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvdebug"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// A snapshot has what each worker runs, and with accounting the waits, in buckets.
func TestSnapshot(t *testing.T) {
	enginetest.Each(t, gv.Config{Workers: 2, Accounting: true}, func(t *testing.T, rt *gv.Runtime) {
		h := gvdebug.Handler(rt)
		var over atomic.Bool
		defer over.Store(true)
		spinner := rt.Go(func(context.Context) error {
			for !over.Load() {
				gv.Safepoint()
			}
			return nil
		}, gv.WithName("spinner"), gv.WithPriority(gv.High))
		until(func() bool { return spinner.State() == gv.StateRunning })
		for range 100 {
			if err := rt.Go(func(context.Context) error { return nil }).Wait(); err != nil {
				t.Error(err)
			}
		}
		until(func() bool { return rt.Stats().Idle == 1 })
		before := time.Now()
		s := get[gvdebug.Snapshot](t, h, "/stats.json")
		if s.Time.Before(before) || s.Time.After(time.Now()) || s.Stats.Workers != 2 || s.Stats.Finished != 100 || s.Stats.Closed {
			t.Errorf("got %+v", s)
		}
		if len(s.Running) != 2 {
			t.Fatalf("%d workers run %+v", len(s.Running), s.Running)
		}
		if on, idle := s.Running[0], s.Running[1]; on.ID+idle.ID != spinner.ID() || on.Name+idle.Name != "spinner" || on.RunTime+idle.RunTime == 0 {
			t.Errorf("the workers run %+v", s.Running)
		}
		if s.Waits == nil || len(s.Waits.Counts) != 4 || s.Waits.Bounds[0] != 0 {
			t.Fatalf("waits: %+v", s.Waits)
		}
		for p, counts := range s.Waits.Counts {
			n := uint64(0)
			for _, c := range counts {
				n += c
			}
			if len(counts) != len(s.Waits.Bounds) || n < []uint64{0, 1, 100, 0}[p] {
				t.Errorf("%v: %d waits in %d buckets, with %d bounds", gv.Priority(p), n, len(counts), len(s.Waits.Bounds))
			}
		}
	})
	if s := get[gvdebug.Snapshot](t, gvdebug.Handler(enginetest.Open(t, gv.Config{})), "/stats.json"); s.Waits != nil {
		t.Errorf("without accounting: %+v", s.Waits)
	}
}

// What the runtime can do comes with the names of engines, as Capabilities has it.
func TestCapabilities(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		if got, want := get[gv.Capabilities](t, gvdebug.Handler(rt), "/capabilities.json"), rt.Capabilities(); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

// The page reads what there is by priority by their names.
func TestSnapshotIsWhatThePageReads(t *testing.T) {
	rt := enginetest.Open(t, gv.Config{Workers: 1, Accounting: true})
	s := get[struct {
		Stats struct{ Ready, RunTime map[string]int64 }
		Waits struct{ Counts [][]uint64 }
	}](t, gvdebug.Handler(rt), "/stats.json")
	for p := gv.Critical; p <= gv.Low; p++ {
		for field, values := range map[string]map[string]int64{"Ready": s.Stats.Ready, "RunTime": s.Stats.RunTime} {
			if _, ok := values[p.String()]; !ok {
				t.Errorf("%s is %v, without %v", field, values, p)
			}
		}
	}
	if n := len(s.Waits.Counts); n != len(s.Stats.Ready) {
		t.Errorf("waits are counted for %d priorities, of %d", n, len(s.Stats.Ready))
	}
}
