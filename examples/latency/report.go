package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/gvthread/gvthread/examples/latency/internal/load"
)

// A report is the results as they are written with -json. Modes that weren't
// run are missing.
type report struct {
	Goroutines *modeReport `json:"goroutines,omitempty"`
	Limited    *modeReport `json:"limited,omitempty"`
	Niced      *modeReport `json:"niced,omitempty"`
	Idle       *modeReport `json:"idle,omitempty"`
	Beside     *modeReport `json:"beside,omitempty"`
	Threads    *modeReport `json:"gvthreads,omitempty"`
	// Ratio compares gvthreads with goroutines, the others with what they are named
	// after.
	Ratio        *ratio   `json:"ratio,omitempty"`
	RatioLimited *ratio   `json:"ratio_limited,omitempty"`
	RatioNiced   *ratio   `json:"ratio_niced,omitempty"`
	Settings     settings `json:"settings"`
}

// A modeReport is the result of one mode, of all its turns. What is not known is
// missing. Counts are those of the server process in the measured time.
type modeReport struct {
	Requests   int     `json:"requests"`
	Unanswered int     `json:"unanswered"`
	PerSecond  float64 `json:"requests_per_s"`
	P50        float64 `json:"p50_us"`
	P90        float64 `json:"p90_us"`
	P99        float64 `json:"p99_us"`
	P999       float64 `json:"p99_9_us"`
	Max        float64 `json:"max_us"`
	Background float64 `json:"background_mb_s"`
	Files      int64   `json:"background_files"`
	Spread     *spread `json:"spread,omitempty"`
	// The parts of the way.
	ToHandler *partReport `json:"sent_to_handler,omitempty"`
	ToThread  *partReport `json:"handler_to_thread,omitempty"`
	ToDone    *partReport `json:"thread_to_done,omitempty"`
	ToAnswer  *partReport `json:"done_to_answered,omitempty"`
	// Of the load generator: how late it was itself, the share of a processor
	// that it took, and whether it had real-time priority.
	LateP99  float64 `json:"generator_late_p99_us"`
	Busy     float64 `json:"generator_cpu"`
	RealTime bool    `json:"generator_real_time"`
	usageReport
	// Of gvthreads alone.
	Engine      string   `json:"engine,omitempty"`
	Cooperative *float64 `json:"cooperative_preemptions_per_s,omitempty"`
	Forced      *float64 `json:"forced_preemptions_per_s,omitempty"`
	LateWakes   *float64 `json:"late_wake_ups,omitempty"`
	Monitor     *float64 `json:"monitor_cpu,omitempty"` // share of a core
}

// A partReport is how long a part of the way took.
type partReport struct {
	P50 float64 `json:"p50_us"`
	P90 float64 `json:"p90_us"`
	P99 float64 `json:"p99_us"`
}

// A spread says how far the turns of a mode lie apart: half of what is between the
// least and the greatest, as a share of the median.
type spread struct {
	P50        float64 `json:"p50"`
	P90        float64 `json:"p90"`
	P99        float64 `json:"p99"`
	P999       float64 `json:"p99_9"`
	Background float64 `json:"background"`
}

// A ratio says how gvthreads compare with another mode: above 1 is better.
type ratio struct {
	P50        float64 `json:"p50"` // other / gvthreads
	P90        float64 `json:"p90"`
	P99        float64 `json:"p99"`
	P999       float64 `json:"p99_9"`
	Background float64 `json:"background"` // gvthreads / other
}

// settings are the options that a reader of the numbers needs.
type settings struct {
	Seconds float64 `json:"duration_s"`
	Turns   int     `json:"turns"`
	Rate    float64 `json:"rate"`
	Conns   int     `json:"conns"`
	Threads int     `json:"threads"`
	Workers int     `json:"workers"`
	Other   int     `json:"other"`
	GOGC    string  `json:"gogc"`
	Work    string  `json:"work"`
}

// newReport sums up the turns of each mode.
func newReport(o options, turns map[string][]*turn) *report {
	of := func(mode string) *modeReport { return newModeReport(o, turns[mode]) }
	r := &report{
		Goroutines: of(modeGoroutines),
		Limited:    of(modeLimited),
		Niced:      of(modeNiced),
		Idle:       of(modeIdle),
		Beside:     of(modeBeside),
		Threads:    of(modeThreads),
		Settings: settings{
			Seconds: o.Duration.Seconds(), Turns: o.Turns, Rate: o.Rate, Conns: o.Conns, Threads: o.Threads,
			Workers: o.Workers, Other: o.Other, GOGC: o.GOGC, Work: o.Work,
		},
	}
	r.Ratio = r.Threads.against(r.Goroutines)
	r.RatioLimited = r.Threads.against(r.Limited)
	r.RatioNiced = r.Threads.against(r.Niced)
	return r
}

// newModeReport returns the report on a mode, nil if it wasn't run.
func newModeReport(o options, turns []*turn) *modeReport {
	if len(turns) == 0 {
		return nil
	}
	m := pool(turns).report(o)
	if len(turns) > 1 {
		var single []*modeReport
		for _, t := range turns {
			single = append(single, t.report(o))
		}
		m.Spread = newSpread(single)
	}
	return m
}

// report returns the report on a turn.
func (t *turn) report(o options) *modeReport {
	seconds := t.measured.At.Seconds()
	m := &modeReport{
		Requests:    t.load.Answered,
		Unanswered:  t.load.Unanswered,
		PerSecond:   t.load.Rate,
		P50:         us(t.load.Latency.Percentile(50)),
		P90:         us(t.load.Latency.Percentile(90)),
		P99:         us(t.load.Latency.Percentile(99)),
		P999:        us(t.load.Latency.Percentile(99.9)),
		Max:         us(t.load.Latency.Percentile(100)),
		Background:  quotient(float64(t.measured.Bytes)/1e6, seconds),
		Files:       t.measured.Files,
		ToHandler:   newPartReport(t.load.Parts.ToHandler),
		ToThread:    newPartReport(t.load.Parts.ToThread),
		ToDone:      newPartReport(t.load.Parts.ToDone),
		ToAnswer:    newPartReport(t.load.Parts.ToAnswer),
		LateP99:     us(t.load.Late.Percentile(99)),
		Busy:        t.busy,
		RealTime:    t.load.RealTime,
		usageReport: newUsageReport(t, o.Duration.Seconds()),
	}
	if t.engine == "" {
		return m
	}
	m.Engine = t.engine
	perSecond := func(n int64) *float64 { return new(quotient(float64(n), seconds)) }
	m.Cooperative, m.Forced = perSecond(t.measured.Cooperative), perSecond(t.measured.Forced)
	if n := t.measured.Woken; n > 0 {
		m.LateWakes = new(float64(t.measured.Late) / float64(n))
	}
	if d := t.measured.Monitor; d > 0 {
		m.Monitor = new(quotient(d.Seconds(), seconds))
	}
	return m
}

// newPartReport returns the report on a part of the way, nil if nothing is known of it.
func newPartReport(s load.Samples) *partReport {
	if len(s) == 0 {
		return nil
	}
	return &partReport{us(s.Percentile(50)), us(s.Percentile(90)), us(s.Percentile(99))}
}

// newSpread compares the turns of a mode.
func newSpread(turns []*modeReport) *spread {
	of := func(value func(*modeReport) float64) float64 {
		var vs []float64
		for _, t := range turns {
			vs = append(vs, value(t))
		}
		slices.Sort(vs)
		n := len(vs)
		return quotient((vs[n-1]-vs[0])/2, (vs[(n-1)/2]+vs[n/2])/2)
	}
	return &spread{
		P50:        of(func(m *modeReport) float64 { return m.P50 }),
		P90:        of(func(m *modeReport) float64 { return m.P90 }),
		P99:        of(func(m *modeReport) float64 { return m.P99 }),
		P999:       of(func(m *modeReport) float64 { return m.P999 }),
		Background: of(func(m *modeReport) float64 { return m.Background }),
	}
}

// against compares m with other, if there are both.
func (m *modeReport) against(other *modeReport) *ratio {
	if m == nil || other == nil {
		return nil
	}
	return &ratio{
		P50:        quotient(other.P50, m.P50),
		P90:        quotient(other.P90, m.P90),
		P99:        quotient(other.P99, m.P99),
		P999:       quotient(other.P999, m.P999),
		Background: quotient(m.Background, other.Background),
	}
}

// us returns a duration in microseconds.
func us(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// quotient is a/b, or 0 if nothing was measured: JSON has no infinity.
func quotient(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// save writes a report as JSON to the file of that name.
func save(name string, report any) error {
	data, err := json.MarshalIndent(report, "", "\t")
	if err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	return os.WriteFile(name, append(data, '\n'), 0o666)
}
