package gvprom_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvprom"
)

// open returns a runtime that has run threads of all priorities.
func open(t *testing.T, c gv.Config) *gv.Runtime {
	t.Helper()
	rt, err := gv.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
	})
	work(t, rt)
	return rt
}

// work runs threads of all priorities.
func work(t *testing.T, rt *gv.Runtime) {
	for p := gv.Critical; p <= gv.Low; p++ {
		if err := rt.Run(func(context.Context) error {
			for range 10 {
				gv.Go(func(context.Context) error { return gv.Sleep(time.Microsecond) }, gv.WithPriority(p))
			}
			return nil
		}, gv.WithPriority(p)); err != nil {
			t.Error(err)
		}
	}
}

// gather returns the metrics of collectors by name.
func gather(t *testing.T, collectors ...prometheus.Collector) map[string]*dto.MetricFamily {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	for _, c := range collectors {
		if err := r.Register(c); err != nil {
			t.Fatal(err)
		}
	}
	return gatherFrom(t, r)
}

func gatherFrom(t *testing.T, g prometheus.Gatherer) map[string]*dto.MetricFamily {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Error(err)
	}
	byName := map[string]*dto.MetricFamily{}
	for _, f := range families {
		byName[f.GetName()] = f
	}
	return byName
}

// labels returns those of a metric as text.
func labels(m *dto.Metric) string {
	var all []string
	for _, l := range m.GetLabel() {
		all = append(all, l.GetName()+"="+l.GetValue())
	}
	return strings.Join(all, ",")
}

// families are what there is to be, and how many metrics of each kind there are for
// each runtime.
var families = []struct {
	name string
	kind dto.MetricType
	n    int
}{
	{"gv_info", dto.MetricType_GAUGE, 1},
	{"gv_workers", dto.MetricType_GAUGE, 1},
	{"gv_workers_idle", dto.MetricType_GAUGE, 1},
	{"gv_threads", dto.MetricType_GAUGE, 1},
	{"gv_fibers", dto.MetricType_GAUGE, 1},
	{"gv_ready_threads", dto.MetricType_GAUGE, 4},
	{"gv_threads_started_total", dto.MetricType_COUNTER, 1},
	{"gv_threads_finished_total", dto.MetricType_COUNTER, 1},
	{"gv_switches_total", dto.MetricType_COUNTER, 1},
	{"gv_preemptions_total", dto.MetricType_COUNTER, 2},
	{"gv_handoffs_total", dto.MetricType_COUNTER, 1},
	{"gv_boosts_total", dto.MetricType_COUNTER, 1},
	{"gv_run_seconds_total", dto.MetricType_COUNTER, 4},
	{"gv_wait_seconds", dto.MetricType_HISTOGRAM, 4},
}

// wantFamilies checks that all are there, for so many runtimes, and nothing else.
func wantFamilies(t *testing.T, got map[string]*dto.MetricFamily, runtimes int) {
	t.Helper()
	for _, f := range families {
		if m := got[f.name]; m.GetType() != f.kind || len(m.GetMetric()) != f.n*runtimes || m.GetHelp() == "" {
			t.Errorf("%s is %v", f.name, m)
		}
	}
	if len(got) != len(families) {
		t.Errorf("%d metrics, want %d", len(got), len(families))
	}
}

// The linter of the client library has nothing to say, and all metrics are there.
func TestCollector(t *testing.T) {
	for _, opts := range [][]gvprom.Option{nil, {gvprom.WithName("web")}, {gvprom.WithNativeHistograms()}} {
		rt := open(t, gv.Config{Workers: 2, Accounting: true})
		c := gvprom.NewCollector(rt, opts...)
		problems, err := testutil.CollectAndLint(c)
		if err != nil || len(problems) > 0 {
			t.Errorf("%v, %v", problems, err)
		}
		wantFamilies(t, gather(t, c), 1)
	}
}

// values returns the numbers of a collector, by name and labels.
func values(t *testing.T, c prometheus.Collector) map[string]float64 {
	all := map[string]float64{}
	for name, f := range gather(t, c) {
		for _, m := range f.GetMetric() {
			all[strings.TrimSpace(name+" "+labels(m))] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return all
}

// Each metric has the number in Stats that it is for.
func TestValues(t *testing.T) {
	rt := open(t, gv.Config{Workers: 1})
	var over atomic.Bool
	spin := func(context.Context) error {
		for !over.Load() {
			gv.Safepoint()
		}
		return nil
	}
	var threads []*gv.Thread
	for p, n := range []int{1, 2, 3, 4} {
		for range n {
			threads = append(threads, rt.Go(spin, gv.WithPriority(gv.Priority(p))))
		}
	}
	c := gvprom.NewCollector(rt)
	for {
		before := rt.Stats()
		got := values(t, c)
		if s := rt.Stats(); s != before {
			continue // it was another while it was asked
		}
		want := map[string]float64{
			"gv_workers": 1, "gv_workers_idle": float64(before.Idle), "gv_threads": 10, "gv_fibers": float64(before.Fibers),
			"gv_ready_threads priority=Critical": float64(before.Ready[gv.Critical]), "gv_ready_threads priority=High": float64(before.Ready[gv.High]),
			"gv_ready_threads priority=Normal": float64(before.Ready[gv.Normal]), "gv_ready_threads priority=Low": float64(before.Ready[gv.Low]),
			"gv_threads_started_total": float64(before.Started), "gv_threads_finished_total": float64(before.Finished),
			"gv_switches_total": float64(before.Switches), "gv_handoffs_total": float64(before.Handoffs), "gv_boosts_total": float64(before.Boosts),
			"gv_preemptions_total kind=cooperative": float64(before.Cooperative), "gv_preemptions_total kind=forced": float64(before.Forced),
		}
		caps := rt.Capabilities()
		want[fmt.Sprintf("gv_info engine=%v,forced=%v", caps.Engine, caps.Forced)] = 1
		if !maps.Equal(got, want) {
			t.Errorf("the metrics are %v, want %v", got, want)
		}
		break
	}
	over.Store(true)
	for _, th := range threads {
		if err := th.Wait(); err != nil {
			t.Error(err)
		}
	}
}

// Without accounting there is nothing of times.
func TestWithoutAccounting(t *testing.T) {
	got := gather(t, gvprom.NewCollector(open(t, gv.Config{})))
	for _, name := range []string{"gv_run_seconds_total", "gv_wait_seconds"} {
		if got[name] != nil {
			t.Errorf("there is %v", got[name])
		}
	}
	if len(got) != len(families)-2 {
		t.Errorf("%d metrics", len(got))
	}
}

// Two runtimes can be in one registry by different names, and not by the same.
func TestTwoRuntimes(t *testing.T) {
	a, b := open(t, gv.Config{Workers: 1, Accounting: true}), open(t, gv.Config{Workers: 3, Accounting: true})
	got := gather(t, gvprom.NewCollector(a, gvprom.WithName("a")), gvprom.NewCollector(b, gvprom.WithName("b")))
	wantFamilies(t, got, 2)
	for i, want := range []struct {
		labels  string
		workers float64
	}{{"runtime=a", 1}, {"runtime=b", 3}} {
		if m := got["gv_workers"].GetMetric()[i]; m.GetGauge().GetValue() != want.workers || labels(m) != want.labels {
			t.Errorf("gv_workers is %v, want %v", m, want)
		}
	}
	r := prometheus.NewRegistry()
	var registered prometheus.AlreadyRegisteredError
	if err := errors.Join(r.Register(gvprom.NewCollector(a)), r.Register(gvprom.NewCollector(b))); !errors.As(err, &registered) {
		t.Errorf("two runtimes without names: error %v", err)
	}
}

// Counters and histograms never go back, whoever asks for them beside threads that work.
func TestScrapesBesideWork(t *testing.T) {
	rt := open(t, gv.Config{Workers: 2, Accounting: true})
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(gvprom.NewCollector(rt, gvprom.WithNativeHistograms()))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			last := map[string]float64{}
			grows := func(name string, v float64) {
				if v < last[name] {
					t.Errorf("%s went from %v to %v", name, last[name], v)
				}
				last[name] = v
			}
			for range 50 {
				for name, f := range gatherFrom(t, r) {
					for _, m := range f.GetMetric() {
						id := name + labels(m)
						grows(id, m.GetCounter().GetValue())
						grows(id+" sum", m.GetHistogram().GetSampleSum())
						for _, b := range m.GetHistogram().GetBucket() {
							grows(fmt.Sprint(id, b.GetUpperBound()), float64(b.GetCumulativeCount()))
						}
					}
				}
			}
		})
	}
	for range 20 {
		work(t, rt)
	}
	all.Wait()
}

// A runtime that is closed has what it had.
func TestClosedRuntime(t *testing.T) {
	rt := open(t, gv.Config{Workers: 2, Accounting: true})
	if err := rt.Close(); err != nil {
		t.Fatal(err)
	}
	c := gvprom.NewCollector(rt)
	first := gather(t, c)
	wantFamilies(t, first, 1)
	if n := first["gv_workers_idle"].GetMetric()[0].GetGauge().GetValue(); n != 2 {
		t.Errorf("%v workers are idle", n)
	}
	s := rt.Stats()
	for i, p := range []gv.Priority{gv.Critical, gv.High, gv.Low, gv.Normal} { // sorted by name
		var n uint64
		for _, count := range s.WaitTime[p].Counts {
			n += count
		}
		run, wait := first["gv_run_seconds_total"].GetMetric()[i], first["gv_wait_seconds"].GetMetric()[i].GetHistogram()
		if run.GetCounter().GetValue() != s.RunTime[p].Seconds() || wait.GetSampleSum() != s.Waited[p].Seconds() || wait.GetSampleCount() != n {
			t.Errorf("%v: %v and %v, want %v, and %v in %d waits", p, run, wait, s.RunTime[p], s.Waited[p], n)
		}
	}
	for name, f := range gather(t, c) {
		if f.String() != first[name].String() {
			t.Errorf("%v has become %v", first[name], f)
		}
	}
}

func TestNilRuntime(t *testing.T) {
	defer func() {
		if v := recover(); v != "gvprom: NewCollector of a nil Runtime" {
			t.Errorf("it panics with %v", v)
		}
	}()
	gvprom.NewCollector(nil)
}
