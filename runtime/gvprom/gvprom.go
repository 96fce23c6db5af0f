// Package gvprom gives Prometheus the metrics of a gv.Runtime.
//
//	prometheus.MustRegister(gvprom.NewCollector(rt))
package gvprom

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	gv "github.com/gvthread/gvthread/runtime"
)

// A collector makes metrics of a runtime's Stats. It has no state, so it may be asked by
// many at once.
type collector struct {
	rt     *gv.Runtime
	native bool
	// plain are the metrics that have one value.
	plain                                  []plain
	info, ready, preemptions, run, waiting *prometheus.Desc
}

// A plain metric is a number in Stats.
type plain struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*gv.Stats) float64
}

// An Option changes what NewCollector returns.
type Option func(*options)

type options struct {
	labels prometheus.Labels
	native bool
}

// WithName gives all metrics the label runtime with this value. It tells the runtimes
// apart that are in one registry, which else refuses the second.
func WithName(name string) Option {
	return func(o *options) { o.labels = prometheus.Labels{"runtime": name} }
}

// WithNativeHistograms gives gv_wait_seconds the buckets of a native histogram, too, for
// servers that ask for these. They are those of Stats.WaitTime, moved by up to 8% to
// where a native histogram of schema 1 has its own.
func WithNativeHistograms() Option {
	return func(o *options) { o.native = true }
}

// NewCollector returns a collector of what rt.Stats returns:
//
//   - gv_info, which is 1, with the labels engine and forced, as in gv.Capabilities;
//   - the gauges gv_workers, gv_workers_idle, gv_threads, gv_fibers, and
//     gv_ready_threads by priority;
//   - the counters gv_threads_started_total, gv_threads_finished_total, gv_switches_total,
//     gv_handoffs_total, gv_boosts_total, and gv_preemptions_total by kind, cooperative or
//     forced;
//   - with gv.Config.Accounting, the counter gv_run_seconds_total and the histogram
//     gv_wait_seconds, both by priority. The histogram has a bucket for each power of two.
//
// Priorities have the names of the constants. There is no label with a thread's name, of
// which there may be any number.
//
// Threads are not stopped to collect. After Close the metrics stay as they are. A nil rt
// panics.
func NewCollector(rt *gv.Runtime, opts ...Option) prometheus.Collector {
	if rt == nil {
		panic("gvprom: NewCollector of a nil Runtime")
	}
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("gv_"+name, help, labels, o.labels)
	}
	const gauge, counter = prometheus.GaugeValue, prometheus.CounterValue
	return &collector{
		rt:     rt,
		native: o.native,
		plain: []plain{
			{desc("workers", "How many threads run at once."), gauge, func(s *gv.Stats) float64 { return float64(s.Workers) }},
			{desc("workers_idle", "Workers that no thread holds."), gauge, func(s *gv.Stats) float64 { return float64(s.Idle) }},
			{desc("threads", "Threads that have been started and have not ended."), gauge, func(s *gv.Stats) float64 { return float64(s.Threads) }},
			{desc("fibers", "Goroutines that the runtime has for its threads."), gauge, func(s *gv.Stats) float64 { return float64(s.Fibers) }},
			{desc("threads_started_total", "Threads that have been started."), counter, func(s *gv.Stats) float64 { return float64(s.Started) }},
			{desc("threads_finished_total", "Threads that have ended."), counter, func(s *gv.Stats) float64 { return float64(s.Finished) }},
			{desc("switches_total", "Times that a thread was given a worker."), counter, func(s *gv.Stats) float64 { return float64(s.Switches) }},
			{desc("handoffs_total", "Workers that were taken from threads that were blocked in Go."), counter, func(s *gv.Stats) float64 { return float64(s.Handoffs) }},
			{desc("boosts_total", "Threads that were lifted by Config.MaxWait or MinShare."), counter, func(s *gv.Stats) float64 { return float64(s.Boosts) }},
		},
		info:        desc("info", "What the runtime is.", "engine", "forced"),
		ready:       desc("ready_threads", "Threads that wait for a worker.", "priority"),
		preemptions: desc("preemptions_total", "Preemptions, at safepoints and by signal.", "kind"),
		run:         desc("run_seconds_total", "For how long threads have held workers.", "priority"),
		waiting:     desc("wait_seconds", "For how long threads have waited for a worker, each time that they were given one.", "priority"),
	}
}

// Describe sends the descriptions of all metrics.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range c.plain {
		ch <- m.desc
	}
	for _, d := range []*prometheus.Desc{c.info, c.ready, c.preemptions, c.run, c.waiting} {
		ch <- d
	}
}

// Collect sends the metrics.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	s := c.rt.Stats()
	for _, m := range c.plain {
		ch <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(&s))
	}
	caps := c.rt.Capabilities()
	ch <- prometheus.MustNewConstMetric(c.info, prometheus.GaugeValue, 1, caps.Engine.String(), strconv.FormatBool(caps.Forced))
	ch <- prometheus.MustNewConstMetric(c.preemptions, prometheus.CounterValue, float64(s.Cooperative), "cooperative")
	ch <- prometheus.MustNewConstMetric(c.preemptions, prometheus.CounterValue, float64(s.Forced), "forced")
	for p := gv.Critical; p <= gv.Low; p++ {
		name := p.String()
		ch <- prometheus.MustNewConstMetric(c.ready, prometheus.GaugeValue, float64(s.Ready[p]), name)
		if h := s.WaitTime[p]; h != nil {
			ch <- prometheus.MustNewConstMetric(c.run, prometheus.CounterValue, s.RunTime[p].Seconds(), name)
			ch <- newHistogram(c.waiting, h, s.Waited[p].Seconds(), c.native, name)
		}
	}
}
