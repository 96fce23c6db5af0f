package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

// A report is the results as they are written with -json. Modes that weren't
// run are missing.
type report struct {
	Goroutines *modeReport `json:"goroutines,omitempty"`
	Limited    *modeReport `json:"limited,omitempty"`
	Beside     *modeReport `json:"beside,omitempty"`
	Threads    *modeReport `json:"gvthreads,omitempty"`
	// Ratio compares gvthreads with goroutines, RatioLimited with limited.
	Ratio        *ratio   `json:"ratio,omitempty"`
	RatioLimited *ratio   `json:"ratio_limited,omitempty"`
	Settings     settings `json:"settings"`
}

// A modeReport is the result of one mode.
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
	// Of the load generator: how late it was itself, the share of a processor
	// that it took, and whether it had real-time priority.
	LateP99  float64 `json:"generator_late_p99_us"`
	Busy     float64 `json:"generator_cpu"`
	RealTime bool    `json:"generator_real_time"`
	// Of gvthreads alone.
	Engine      string   `json:"engine,omitempty"`
	Cooperative *float64 `json:"cooperative_preemptions_per_s,omitempty"`
	Forced      *float64 `json:"forced_preemptions_per_s,omitempty"`
	LateWakes   *float64 `json:"late_wake_ups,omitempty"`
}

// A ratio says how gvthreads compare with another mode: above 1 is better.
type ratio struct {
	P50        float64 `json:"p50"`        // other / gvthreads
	P99        float64 `json:"p99"`        // other / gvthreads
	Background float64 `json:"background"` // gvthreads / other
}

// settings are the options that a reader of the numbers needs.
type settings struct {
	Seconds float64 `json:"duration_s"`
	Rate    float64 `json:"rate"`
	Conns   int     `json:"conns"`
	Threads int     `json:"threads"`
	Workers int     `json:"workers"`
	Work    string  `json:"work"`
}

// newReport sums up the results of a command.
func newReport(o options, results map[string]*result) *report {
	r := &report{
		Goroutines: newModeReport(results[modeGoroutines]),
		Limited:    newModeReport(results[modeLimited]),
		Beside:     newModeReport(results[modeBeside]),
		Threads:    newModeReport(results[modeThreads]),
		Settings:   settings{o.Duration.Seconds(), o.Rate, o.Conns, o.Threads, o.Workers, o.Work},
	}
	r.Ratio = r.Threads.against(r.Goroutines)
	r.RatioLimited = r.Threads.against(r.Limited)
	return r
}

// newModeReport returns the report on r, nil if r is nil.
func newModeReport(r *result) *modeReport {
	if r == nil {
		return nil
	}
	us := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	m := &modeReport{
		Requests:   r.load.Answered,
		Unanswered: r.load.Unanswered,
		PerSecond:  r.load.Rate,
		P50:        us(r.load.P50),
		P90:        us(r.load.P90),
		P99:        us(r.load.P99),
		P999:       us(r.load.P999),
		Max:        us(r.load.Max),
		Background: r.background / 1e6,
		Files:      r.files,
		LateP99:    us(r.load.LateP99),
		Busy:       r.busy,
		RealTime:   r.load.RealTime,
	}
	if r.engine != "" {
		m.Engine, m.Cooperative, m.Forced, m.LateWakes = r.engine, &r.cooperative, &r.forced, r.late
	}
	return m
}

// against compares m with other, if there are both.
func (m *modeReport) against(other *modeReport) *ratio {
	if m == nil || other == nil {
		return nil
	}
	return &ratio{
		P50:        quotient(other.P50, m.P50),
		P99:        quotient(other.P99, m.P99),
		Background: quotient(m.Background, other.Background),
	}
}

// quotient is a/b, or 0 if nothing was measured: JSON has no infinity.
func quotient(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// save writes the report as JSON to the file of that name.
func (r *report) save(name string) error {
	data, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	return os.WriteFile(name, append(data, '\n'), 0o666)
}

// print writes the report as a table.
func (r *report) print(w io.Writer) {
	names, columns := r.columns()
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	row := func(name string, cell func(m *modeReport) string) {
		fmt.Fprintf(t, "%s\t", name)
		for _, m := range columns {
			fmt.Fprintf(t, "%s\t", cell(m))
		}
		fmt.Fprintln(t)
	}
	duration := func(us float64) string { return milliseconds(time.Duration(us * 1e3)) }

	fmt.Fprint(t, "\t")
	for _, name := range names {
		fmt.Fprintf(t, "%s\t", name)
	}
	fmt.Fprintln(t)
	row("requests/s", func(m *modeReport) string { return fmt.Sprintf("%.1f", m.PerSecond) })
	row("unanswered", func(m *modeReport) string { return fmt.Sprint(m.Unanswered) })
	row("latency p50", func(m *modeReport) string { return duration(m.P50) })
	row("p90", func(m *modeReport) string { return duration(m.P90) })
	row("p99", func(m *modeReport) string { return duration(m.P99) })
	row("p99.9", func(m *modeReport) string { return duration(m.P999) })
	row("max", func(m *modeReport) string { return duration(m.Max) })
	row("background MB/s", func(m *modeReport) string { return fmt.Sprintf("%.1f", m.Background) })
	row("preempted at safepoints/s", func(m *modeReport) string { return perSecond(m.Cooperative) })
	row("preempted by force/s", func(m *modeReport) string { return perSecond(m.Forced) })
	if r.Beside != nil {
		row("of all, at safepoints", func(m *modeReport) string {
			return percent(quotient(*m.Cooperative, *m.Cooperative+*m.Forced))
		})
		row(fmt.Sprintf("woken more than %v late", lateAfter), func(m *modeReport) string {
			if m.LateWakes == nil {
				return "-"
			}
			return percent(*m.LateWakes)
		})
	}
	row("generator late p99", func(m *modeReport) string { return duration(m.LateP99) })
	row("generator CPU", func(m *modeReport) string { return percent(m.Busy) })
	t.Flush()

	if r.Threads != nil {
		fmt.Fprintf(w, "\ngvthreads ran on the %s.\n", r.Threads.Engine)
	}
	r.Ratio.print(w, modeGoroutines)
	r.RatioLimited.print(w, modeLimited)
	if slices.ContainsFunc(columns, func(m *modeReport) bool { return !m.RealTime }) {
		fmt.Fprint(w, "The load generator had no real-time priority (on Linux, root and CAP_SYS_NICE may have it):\n"+
			"how late it was itself is part of the latencies.\n")
	}
	for i, m := range columns {
		if m.LateP99 > float64(tooLate/time.Microsecond) {
			fmt.Fprintf(w, "\nIn the run of %s the load generator itself was late by %s at p99: other programs\n"+
				"kept the processors busy. Its numbers are not to be relied on.\n", names[i], duration(m.LateP99))
		}
	}
}

// tooLate is how late the load generator may be at p99. It has to wait for a
// processor among busy threads, but not for longer than a few of Linux's time
// slices.
const tooLate = 10 * time.Millisecond

// columns returns the modes that were run.
func (r *report) columns() (names []string, columns []*modeReport) {
	for _, c := range []struct {
		name string
		mode *modeReport
	}{{modeGoroutines, r.Goroutines}, {modeLimited, r.Limited}, {modeBeside, r.Beside}, {modeThreads, r.Threads}} {
		if c.mode != nil {
			names = append(names, c.name)
			columns = append(columns, c.mode)
		}
	}
	return names, columns
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }

// perSecond prints a rate that may be unknown.
func perSecond(v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%.0f", *v)
}

// print writes what the ratio says, if there is one.
func (r *ratio) print(w io.Writer, other string) {
	if r == nil {
		return
	}
	fmt.Fprintf(w, "Against %s: p50 %s, p99 %s, background throughput %.0f%% of theirs.\n",
		other, factor(r.P50), factor(r.P99), 100*r.Background)
}

// factor says how many times lower a latency is.
func factor(f float64) string {
	if f < 1 {
		return fmt.Sprintf("%.2g times higher", 1/f)
	}
	if f < 10 {
		return fmt.Sprintf("%.1f times lower", f)
	}
	return fmt.Sprintf("%.0f times lower", f)
}
