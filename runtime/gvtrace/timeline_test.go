package gvtrace_test

import (
	"context"
	"fmt"
	"maps"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtrace"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// named returns the slices of the thread of that name.
func (tl *timeline) named(name string) (of []slice) {
	for _, s := range tl.all() {
		if s.name == name {
			of = append(of, s)
		}
	}
	return of
}

// endings counts what ended the slices of the thread of that name.
func (tl *timeline) endings(name string) map[string]int {
	n := map[string]int{}
	for _, s := range tl.named(name) {
		n[s.endedBy]++
	}
	return n
}

// undisturbed records fn, in a thread named main, and returns a recording without
// hand-offs: on a machine that stands still, a thread loses its worker that makes no step for
// a millisecond, and goes on without.
func undisturbed(t *testing.T, rt *gv.Runtime, fn func(context.Context) error) *timeline {
	t.Helper()
	for {
		r := start(t, rt, gvtrace.Config{MinAge: long})
		if err := rt.Run(fn, gv.WithName("main")); err != nil {
			t.Fatal(err)
		}
		until(func() bool { return rt.Stats().Idle == 1 })
		tl := snapshot(t, r)
		r.Stop()
		if !slices.ContainsFunc(tl.all(), func(s slice) bool { return strings.HasPrefix(s.endedBy, "a hand-off") }) {
			return tl
		}
	}
}

// A slice says who had the worker, and why no longer.
func TestEndings(t *testing.T) {
	enginetest.Each(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		var inner *gv.Thread
		tl := undisturbed(t, rt, func(context.Context) error {
			gv.Go(func(context.Context) error { gv.Yield(); return nil }, gv.WithName("other"))
			gv.Yield()
			numbers := gv.NewChan[int](0)
			sender := gv.Go(func(context.Context) error { return numbers.Send(1) }, gv.WithPriority(gv.Low), gv.WithName("sender"))
			if _, err := numbers.Recv(); err != nil {
				return err
			}
			if err := sender.Wait(); err != nil {
				return err
			}
			gv.Block(func() {})
			gv.Do(func(context.Context) error {
				th := gv.Current()
				inner = th
				go func() {
					until(func() bool { return th.State() == gv.StateBlocked })
					th.Cancel(nil)
				}()
				return gv.Sleep(time.Hour) // a short one may be over before it begins
			}, gv.WithPriority(gv.High))
			return nil
		})
		nameless := fmt.Sprintf("thread %d", inner.ID())
		for name, want := range map[string]map[string]int{
			"main": {
				"a yield": 1, "a wait to receive from a Chan": 1, "a wait for a thread": 1, "gv.Block": 1,
				"gv.Do: it runs another thread": 1, "the end of the thread": 1,
			},
			"other":  {"a yield": 1, "the end of the thread": 1},
			"sender": {"a higher thread, at a safepoint": 1, "the end of the thread": 1},
			nameless: {"a wait in Sleep": 1, "the end of the thread": 1},
		} {
			if got := tl.endings(name); !maps.Equal(got, want) {
				t.Errorf("turns of %s were ended by %v, want %v", name, got, want)
			}
		}
		for _, s := range tl.named(nameless) {
			if s.id != inner.ID() || s.priority != "High" || s.effective != "High" {
				t.Errorf("the thread that has no name, %d, is %+v", inner.ID(), s)
			}
		}
		if n := len(tl.named("sender")); n == 1 && tl.named("sender")[0].priority != "Low" {
			t.Errorf("the sender is %+v", tl.named("sender")[0])
		}
	})
}

// An arrow goes from who started or woke a thread to the turn that it has then.
func TestArrows(t *testing.T) {
	enginetest.Each(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		tl := undisturbed(t, rt, func(context.Context) error {
			numbers := gv.NewChan[int](0)
			receiver := gv.Go(func(context.Context) error { _, err := numbers.Recv(); return err }, gv.WithName("receiver"))
			gv.Yield() // it waits
			if err := numbers.Send(1); err != nil {
				return err
			}
			return receiver.Wait()
		})
		got := map[string]int{}
		for _, f := range tl.flows {
			got[f.from.name+" to "+f.to.name]++
		}
		// To start it, and to send; and its end wakes main.
		if want := map[string]int{"main to receiver": 2, "receiver to main": 1}; !maps.Equal(got, want) {
			t.Errorf("arrows go from %v, want %v", got, want)
		}
	})
}

// instantsOf returns the names of the instants at which slices of the thread of that name
// begin or end.
func (tl *timeline) instantsOf(name string) (names []string) {
	for worker, of := range tl.slices {
		for _, s := range of {
			for _, i := range tl.instants {
				if s.name == name && i.worker == worker+1 && (i.at == s.begin && i.name == "boost" || i.at == s.end && i.name != "boost") {
					names = append(names, i.name)
				}
			}
		}
	}
	return names
}

// untilSeen waits until a recorder shows an instant of the thread of that name.
func untilSeen(t *testing.T, r *gvtrace.FlightRecorder, thread, instant string) {
	t.Helper()
	until(func() bool { return slices.Contains(snapshot(t, r).instantsOf(thread), instant) })
}

// What a thread gave its worker up for, if it did not do that by itself, is to be seen.
func TestInstants(t *testing.T) {
	spin := func(stop *atomic.Bool, round func()) func(context.Context) error {
		return func(context.Context) error {
			for !stop.Load() {
				round()
			}
			return nil
		}
	}
	config := gv.Config{Workers: 1, TimeSlice: time.Millisecond, MaxWait: 5 * time.Millisecond}
	enginetest.Each(t, config, func(t *testing.T, rt *gv.Runtime) {
		r := start(t, rt, gvtrace.Config{MinAge: long, MaxBytes: 1 << 16}) // it is read again and again
		var stop atomic.Bool
		defer stop.Store(true)
		rt.Go(spin(&stop, gv.Safepoint), gv.WithName("polite"))
		rt.Go(spin(&stop, gv.Safepoint), gv.WithName("equal"))
		untilSeen(t, r, "polite", "cooperative")
		rt.Go(spin(&stop, gv.Safepoint), gv.WithPriority(gv.Low), gv.WithName("starved"))
		untilSeen(t, r, "starved", "boost")
		rt.Go(spin(&stop, func() { time.Sleep(10 * time.Millisecond) }), gv.WithName("sleeper"))
		untilSeen(t, r, "sleeper", "hand-off")
		if caps := rt.Capabilities(); caps.Forced {
			rt.Go(spin(&stop, func() {}), gv.WithName("rude"))
			untilSeen(t, r, "rude", "forced")
		}
	})
}

// The counters have who waits for a worker, by priority, and who has none and needs none,
// also where that has been so since before the recording.
func TestCounters(t *testing.T) {
	for _, engine := range []gv.Engine{gv.Native, gv.Portable} {
		t.Run(engine.String(), func(t *testing.T) {
			for range 10 {
				rt := enginetest.Open(t, gv.Config{Workers: 1, Engine: engine})
				var r recorders
				checks := r.count(t, rt)
				if rt.Stats().Handoffs == 0 {
					for _, check := range checks {
						check(t)
					}
					return
				}
			}
			t.Skip("the machine is too busy: the thread that is to keep the worker has lost it each time")
		})
	}
}

// recorders are some of one runtime.
type recorders []*gvtrace.FlightRecorder

func (r *recorders) start(t *testing.T, rt *gv.Runtime) {
	*r = append(*r, start(t, rt, gvtrace.Config{MinAge: long}))
}

// count has some threads be ready and in gv.Block, and some recorders started before, between
// and after. It returns checks of what they show.
func (r *recorders) count(t *testing.T, rt *gv.Runtime) (checks []func(*testing.T)) {
	var blocked sync.WaitGroup
	end := make(chan struct{})
	block := func() {
		blocked.Add(1)
		rt.Go(func(context.Context) error {
			gv.Block(func() {
				blocked.Done()
				<-end
			})
			return nil
		})
		blocked.Wait()
	}
	var opened, runs atomic.Bool
	idle := func(context.Context) error { return nil }

	r.start(t, rt)
	block()
	r.start(t, rt)
	block()
	rt.Go(func(context.Context) error { // it keeps the worker
		runs.Store(true)
		for !opened.Load() {
			gv.Safepoint()
			goruntime.Gosched()
		}
		return nil
	}, gv.WithPriority(gv.Critical))
	until(runs.Load)
	rt.Go(idle, gv.WithPriority(gv.Low))
	r.start(t, rt)
	rt.Go(idle, gv.WithPriority(gv.Low))
	rt.Go(idle, gv.WithPriority(gv.High))
	r.start(t, rt)
	checks = r.expect(t, map[string]int{"High": 1, "Low": 2, "in gv.Block": 2})

	opened.Store(true)
	close(end)
	until(func() bool { return rt.Stats().Threads == 0 && rt.Stats().Idle == 1 })
	return append(checks, r.expect(t, nil)...)
}

// expect returns checks that the counters are as given now, and those that are not given 0.
func (r *recorders) expect(t *testing.T, want map[string]int) (checks []func(*testing.T)) {
	for i, recorder := range *r {
		tl := snapshot(t, recorder)
		for counter, of := range tl.counters {
			for series, n := range of[len(of)-1].values {
				checks = append(checks, func(t *testing.T) {
					if n != want[series] {
						t.Errorf("recorder %d: %s: %d %s, want %d", i, counter, n, series, want[series])
					}
				})
			}
		}
		if len(tl.counters) != 2 {
			t.Errorf("recorder %d has %d counters, want 2", i, len(tl.counters))
		}
	}
	return checks
}

// A recorder that has no room for all loses the oldest turns, and says how many.
func TestOverflow(t *testing.T) {
	enginetest.Each(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		small := start(t, rt, gvtrace.Config{MinAge: long, MaxBytes: 1})
		large := start(t, rt, gvtrace.Config{MinAge: long})
		begun := rt.Stats().Switches
		err := rt.Run(func(context.Context) error {
			for range 2 {
				gv.Go(func(context.Context) error {
					for rt.Stats().Switches-begun < 1000 {
						gv.Yield()
					}
					return nil
				})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		until(func() bool { return rt.Stats().Idle == 1 })
		turns := int(rt.Stats().Switches - begun)
		part, whole := snapshot(t, small), snapshot(t, large)
		if n := len(whole.all()); n != turns || whole.lost != 0 {
			t.Errorf("of %d turns %d are there, and %d are lost", turns, n, whole.lost)
		}
		if n := len(part.all()); n < 64 || n+part.lost != turns {
			t.Errorf("of %d turns the last %d are there, and %d are lost", turns, n, part.lost)
		}
		for i, s := range part.all() {
			of := whole.all()[part.lost+i]
			if s.id != of.id || s.end-s.begin != of.end-of.begin || s.endedBy != of.endedBy {
				t.Fatalf("turn %d is %+v in the part, and %+v in the whole", part.lost+i, s, of)
			}
		}
	})
}
