package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gvthread/gvthread/examples/latency/internal/load"
)

// fakeTurn is one of a second, with 1,000 requests: half of them take as long as is
// given, most others three times as long, and the slowest five times.
func fakeTurn(latency time.Duration, background int64) *turn {
	t := &turn{
		load:     load.Result{Rate: 1000, Answered: 1000, RealTime: true},
		measured: snapshot{At: time.Second, Bytes: background},
		quiet:    snapshot{At: time.Second},
	}
	for i := range 1000 {
		d := latency
		switch {
		case i >= 995:
			d *= 5
		case i >= 500:
			d *= 3
		}
		t.load.Latency = append(t.load.Latency, d)
	}
	return t
}

// words returns what print writes, with single spaces.
func words(r interface{ String() string }) string {
	return strings.Join(strings.Fields(r.String()), " ")
}

func TestReport(t *testing.T) {
	threads := fakeTurn(100*time.Microsecond, 9e6)
	threads.engine, threads.measured.counts = "Native engine", counts{Cooperative: 12, Forced: 34, Monitor: 20 * time.Millisecond}
	late := fakeTurn(time.Millisecond, 1e6)
	late.load.Late = load.Samples{12 * time.Millisecond}
	one := func(t *turn) []*turn { return []*turn{t} }
	for _, tt := range []struct {
		name      string
		turns     map[string][]*turn
		want, not []string
	}{
		{"all", map[string][]*turn{
			modeGoroutines: one(fakeTurn(300*time.Millisecond, 10e6)),
			modeLimited:    one(fakeTurn(50*time.Microsecond, 5e6)),
			modeThreads:    one(threads),
		}, []string{
			"latency p50 300 ms 0.050 ms 0.100 ms",
			"p99 900 ms 0.150 ms 0.300 ms",
			"p99.9 1500 ms 0.250 ms 0.500 ms",
			"preempted by force/s - - 34",
			"Monitor, of a core - - 2.0%",
			"handler → thread - - -",
			"gvthreads ran on the Native engine.",
			"Against goroutines: p50 3000 times lower, p99 3000 times lower, background throughput 90% of theirs.",
			"Against limited: p50 2 times higher, p99 2 times higher, background throughput 180% of theirs.",
		}, []string{"±"}},
		{"one", map[string][]*turn{modeLimited: one(fakeTurn(time.Millisecond, 5e6))},
			[]string{"limited", "1.00 ms"}, []string{"goroutines", "Against", "ran on"}},
		{"turns", map[string][]*turn{modeLimited: {
			fakeTurn(time.Millisecond, 1e6), fakeTurn(2*time.Millisecond, 2e6), fakeTurn(3*time.Millisecond, 6e6),
		}}, []string{"p99.9 15.0 ms ±50%", "background MB/s 3.0 ±125%", "requests/s 1000.0", "±"}, nil},
		{"nothing in the background", map[string][]*turn{
			modeGoroutines: one(fakeTurn(time.Millisecond, 0)), modeThreads: one(threads),
		}, []string{"background throughput 0% of theirs"}, []string{"Inf", "NaN", "late by"}},
		{"disturbed", map[string][]*turn{modeLimited: one(late)},
			[]string{"In the run of limited the load generator itself was late by 12.0 ms at p99"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newReport(options{Duration: time.Second, Turns: len(tt.turns[modeLimited])}, tt.turns)
			var table strings.Builder
			r.print(&table)
			for _, want := range tt.want {
				if !strings.Contains(words(&table), want) {
					t.Errorf("no %q in\n%s", want, &table)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(table.String(), not) {
					t.Errorf("%q in\n%s", not, &table)
				}
			}
			if err := save(filepath.Join(t.TempDir(), "r.json"), r); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestUsageReport(t *testing.T) {
	used := func(voluntary int64) *usage {
		return &usage{
			Collections: 3,
			Stopped:     2 * time.Millisecond,
			Stops:       map[int64]int64{1000: 3, 2000: 1},
			System:      &systemUsage{Faults: 10, Voluntary: voluntary, Involuntary: 7, Sysmon: 50 * time.Millisecond},
		}
	}
	a, b := fakeTurn(time.Millisecond, 1e6), fakeTurn(time.Millisecond, 1e6)
	for _, turn := range []*turn{a, b} {
		turn.measured.Usage, turn.quiet.Usage = used(5000), used(2000)
	}
	a.resident, b.resident = []int64{1e6, 2e6}, []int64{6e6}
	b.measured.At = 3 * time.Second // the answer came late

	r := newModeReport(options{Duration: 2 * time.Second}, []*turn{a, b})
	for _, tt := range []struct {
		name string
		got  *float64
		want float64
	}{
		{"gc_count", r.Collections, 3},
		{"stw_avg_us", r.StopMean, 500},
		{"stw_p99_us", r.StopP99, 2},
		{"rss_mb", r.Resident, 3},
		{"minor_faults", r.Faults, 10},
		{"voluntary_switches", r.Voluntary, 5000},
		{"involuntary_switches", r.Involuntary, 7},
		{"wake_ups_per_request", r.Wakes, 0.5}, // 2,500 a second with 1,000 requests, 2,000 without
		{"sysmon_cpu", r.Sysmon, 0.025},
	} {
		if tt.got == nil || *tt.got != tt.want {
			t.Errorf("%s is %s, want %v", tt.name, optional(tt.got, "%v"), tt.want)
		}
	}

	b.measured.Usage = nil // of another build
	if r := newModeReport(options{Duration: 2 * time.Second}, []*turn{a, b}); r.usageReport != (usageReport{}) {
		t.Errorf("half of the usage is known, and %+v is reported", r.usageReport)
	}
}

func TestMatrixReport(t *testing.T) {
	o := options{Duration: time.Second, Turns: 1}
	m := &matrixReport{Cells: []*report{
		newReport(cell{"800", 1000, 2, 64}.options(o), map[string][]*turn{
			modeLimited: {fakeTurn(time.Millisecond, 5e6)},
			modeIdle:    {fakeTurn(100*time.Microsecond, 0)},
			modeThreads: {fakeTurn(500*time.Microsecond, 8e6)},
		}),
	}}
	var table strings.Builder
	m.print(&table)
	for _, want := range []string{
		"800 1000 2 64 limited 1.00 3.00 3.00 5.00 5.0 - - | 0.50 0.50 0.50 0.50 1.60 - - - - -",
		"800 1000 2 64 idle 0.100 0.300 0.300 0.500 0.0 - - | 5.00 5.00 5.00 5.00 - - - - - -",
		"800 1000 2 64 gvthreads 0.500 1.50 1.50 2.50 8.0 - - |",
	} {
		if !strings.Contains(words(&table), want) {
			t.Errorf("no %q in\n%s", want, &table)
		}
	}
}
