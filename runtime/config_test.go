package gv_test

import (
	"context"
	"errors"
	"math"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

func TestBadConfig(t *testing.T) {
	for _, test := range []struct {
		name   string
		config gv.Config
		want   []string // in the error
	}{
		{"negative workers", gv.Config{Workers: -1}, []string{"Config.Workers", "-1", "negative"}},
		{"too many workers", gv.Config{Workers: 1 << 30}, []string{"Config.Workers", "1073741824", "at most"}},
		{"negative slice", gv.Config{TimeSlice: -time.Millisecond}, []string{"Config.TimeSlice", "-1ms"}},
		{"negative slice of Low", gv.Config{Slices: [4]time.Duration{gv.Low: -1}}, []string{"Config.Slices[Low]", "-1ns"}},
		{"negative grace", gv.Config{Grace: -1}, []string{"Config.Grace", "-1ns"}},
		{"negative wait", gv.Config{MaxWait: -time.Second}, []string{"Config.MaxWait", "-1s"}},
		{"negative share", gv.Config{MinShare: [4]float64{gv.Low: -0.1}}, []string{"Config.MinShare[Low]", "-0.1", "from 0 to 1"}},
		{"no share", gv.Config{MinShare: [4]float64{gv.High: math.NaN()}}, []string{"Config.MinShare[High]", "NaN", "from 0 to 1"}},
		{"endless share", gv.Config{MinShare: [4]float64{gv.Low: math.Inf(1)}}, []string{"Config.MinShare[Low]", "+Inf", "from 0 to 1"}},
		{"share of Critical", gv.Config{MinShare: [4]float64{gv.Critical: 0.5}}, []string{"Config.MinShare[Critical]", "0.5", "leave it at 0"}},
		{"shares of more than all", gv.Config{MinShare: [4]float64{gv.Low: 0.75, gv.Normal: 0.5}}, []string{"Config.MinShare", "1.25", "1 at most"}},
		{"shares of a little more than all", gv.Config{MinShare: [4]float64{gv.Low: 0.51, gv.Normal: 0.5}}, []string{"Config.MinShare", "1.01", "1 at most"}},
		{"negative lateness", gv.Config{LateAfter: -1}, []string{"Config.LateAfter", "-1ns"}},
		{"negative threads", gv.Config{MaxThreads: -5}, []string{"Config.MaxThreads", "-5"}},
		{"negative stack", gv.Config{MaxStack: -1}, []string{"Config.MaxStack", "-1", "negative"}},
		{"tiny stack", gv.Config{MaxStack: 64<<10 - 1}, []string{"Config.MaxStack", "65535", "at least 65536"}},
		{"slot size without slots", gv.Config{SlotSize: 1 << 20}, []string{"Config.SlotSize", "1048576", "SlotStacks"}},
		{"negative slot size", gv.Config{Stacks: gv.SlotStacks, SlotSize: -1}, []string{"Config.SlotSize", "-1", "negative"}},
		{"much stack on slots", gv.Config{Stacks: gv.SlotStacks, MaxStack: 8<<20 + 1}, []string{"Config.MaxStack", "16777216", "at most 8388608"}},
		{"unknown stacks", gv.Config{Stacks: 17}, []string{"Config.Stacks", "StackKind(17)", "SlotStacks"}},
		{"unknown engine", gv.Config{Engine: 17}, []string{"Config.Engine", "Engine(17)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := goruntime.GOMAXPROCS(0)
			rt, err := gv.New(test.config)
			if err == nil {
				rt.Close()
				t.Fatal("New accepts it")
			}
			if rt != nil {
				t.Error("New returns a runtime with an error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error %q lacks %q", err, want)
				}
			}
			if after := goruntime.GOMAXPROCS(0); after != before {
				t.Errorf("GOMAXPROCS is %d after the error, was %d", after, before)
			}
		})
	}
}

// Zero stands for the default.
func TestZeroConfig(t *testing.T) {
	c := gv.CompleteConfig(gv.Config{})
	if c.TimeSlice != 10*time.Millisecond || c.Grace != 200*time.Microsecond || c.MaxWait != time.Second || c.MaxThreads != 1<<21 || c.LateAfter != 100*time.Millisecond {
		t.Errorf("the defaults are %+v", c)
	}
	for _, test := range []struct {
		c    gv.Config
		want [4]time.Duration
	}{
		{gv.Config{}, [4]time.Duration{10e6, 10e6, 10e6, 500e6}},
		{gv.Config{TimeSlice: 5}, [4]time.Duration{5, 5, 5, 5}},
		{gv.Config{Slices: [4]time.Duration{gv.High: 7}}, [4]time.Duration{10e6, 7, 10e6, 500e6}},
		{gv.Config{TimeSlice: 5, Slices: [4]time.Duration{gv.Low: 7}}, [4]time.Duration{5, 5, 5, 7}},
	} {
		if got := gv.CompleteConfig(test.c).Slices; got != test.want {
			t.Errorf("the slices of %+v are %v, want %v", test.c, got, test.want)
		}
	}
	given := gv.Config{Workers: 3, TimeSlice: 1, Grace: 2, MaxWait: 3, MaxThreads: 4, Engine: gv.Portable}
	if c := gv.CompleteConfig(given); c.Workers != 3 || c.TimeSlice != 1 || c.Grace != 2 || c.MaxWait != 3 || c.MaxThreads != 4 || c.Engine != gv.Portable {
		t.Errorf("%+v has become %+v", given, c)
	}
}

// What is for ever can be added to the time.
func TestEndlessDurations(t *testing.T) {
	c := gv.CompleteConfig(gv.Config{TimeSlice: math.MaxInt64, Grace: math.MaxInt64, MaxWait: math.MaxInt64})
	for _, d := range append(c.Slices[:], c.TimeSlice, c.Grace, c.MaxWait) {
		if d < 30*365*24*time.Hour || d > math.MaxInt64/2 {
			t.Errorf("%v", d)
		}
	}
}

// Shares that add up to 1 as they are written may be above it as they are added.
func TestSharesOfAll(t *testing.T) {
	shares := [4]float64{gv.High: 0.33, gv.Normal: 0.56, gv.Low: 0.11}
	if sum := shares[gv.High] + shares[gv.Normal] + shares[gv.Low]; sum <= 1 {
		t.Fatalf("they add up to %v", sum)
	}
	rt, err := gv.New(gv.Config{MinShare: shares})
	if err != nil {
		t.Fatal(err)
	}
	rt.Close()
}

func TestEngineNames(t *testing.T) {
	for want, e := range map[string]gv.Engine{"Auto": gv.Auto, "Native": gv.Native, "Portable": gv.Portable, "Engine(3)": 3} {
		if e.String() != want {
			t.Errorf("%q, want %q", e.String(), want)
		}
	}
}

func TestNilFunction(t *testing.T) {
	rt := open(t, gv.Config{})
	for name, call := range map[string]func(){
		"Runtime.Go":  func() { rt.Go(nil) },
		"Runtime.Run": func() { rt.Run(nil) },
		"Go":          func() { gv.Go(nil) },
		"Run":         func() { gv.Run(nil) },
	} {
		t.Run(name, func(t *testing.T) { mustPanic(t, "gv: thread of a nil function", call) })
	}
	if s := rt.Stats(); s.Threads != 0 {
		t.Errorf("%d threads", s.Threads)
	}
}

// Go beyond MaxThreads returns a thread that is Done with an error that says
// how many there are; the place of one that has ended is free again.
func TestMaxThreads(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			rt := open(t, gv.Config{Engine: engine, MaxThreads: 3})
			c := gv.NewChan[int](0)
			recv := func(context.Context) error { _, err := c.Recv(); return err }
			var ts []*gv.Thread
			for range 3 {
				ts = append(ts, rt.Go(recv))
			}
			for range 2 {
				refused := rt.Go(recv)
				if s := refused.State(); s != gv.StateDone {
					t.Errorf("is %v", s)
				}
				err := refused.Wait()
				if !errors.Is(err, gv.ErrTooManyThreads) || !strings.Contains(err.Error(), "3") {
					t.Errorf("Wait: %v", err)
				}
				refused.Cancel(nil)
				refused.SetPriority(gv.Low)
				if err := rt.Run(recv); !errors.Is(err, gv.ErrTooManyThreads) {
					t.Errorf("Run: %v", err)
				}
			}
			if err := c.Send(1); err != nil {
				t.Error(err)
			}
			until(func() bool { return rt.Stats().Threads == 2 })
			if s := rt.Stats(); s.Started != 3 || s.Finished != 1 {
				t.Errorf("%d threads have started, and %d ended, want 3 and 1", s.Started, s.Finished)
			}
			ts = append(ts, rt.Go(recv))
			for range 3 {
				if err := c.Send(1); err != nil {
					t.Error(err)
				}
			}
			if err := waitAll(ts); err != nil {
				t.Error(err)
			}
			until(func() bool { return rt.Stats().Threads == 0 })
			if s := rt.Stats(); s.Started != 4 || s.Finished != 4 {
				t.Errorf("%d threads have been started, and %d have ended, want 4 without those that were refused", s.Started, s.Finished)
			}
		})
	}
}
