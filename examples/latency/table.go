package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// A column is a mode of a report that was run.
type column struct {
	name string
	*modeReport
}

// columns returns the modes that were run.
func (r *report) columns() (columns []column) {
	for _, c := range []column{
		{modeGoroutines, r.Goroutines}, {modeLimited, r.Limited}, {modeNiced, r.Niced},
		{modeIdle, r.Idle}, {modeBeside, r.Beside}, {modeThreads, r.Threads},
	} {
		if c.modeReport != nil {
			columns = append(columns, c)
		}
	}
	return columns
}

// print writes the report as a table.
func (r *report) print(w io.Writer) {
	columns := r.columns()
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	for _, c := range columns {
		fmt.Fprintf(t, "\t%s", c.name)
	}
	fmt.Fprintln(t, "\t")
	for _, row := range r.rows() {
		fmt.Fprintf(t, "%s\t", row.name)
		for _, c := range columns {
			fmt.Fprintf(t, "%s\t", row.cell(c.modeReport))
		}
		fmt.Fprintln(t)
	}
	t.Flush()
	r.notes(w, columns)
}

// A row is one line of the table.
type row struct {
	name string
	cell func(m *modeReport) string
}

// rows returns the lines of the table.
func (r *report) rows() []row {
	seconds := r.Settings.Seconds
	rows := []row{
		{"requests/s", func(m *modeReport) string { return fmt.Sprintf("%.1f", m.PerSecond) }},
		{"unanswered", func(m *modeReport) string { return fmt.Sprint(m.Unanswered) }},
		{"latency p50", func(m *modeReport) string {
			return duration(m.P50) + m.Spread.of(func(s *spread) float64 { return s.P50 })
		}},
		{"p90", func(m *modeReport) string {
			return duration(m.P90) + m.Spread.of(func(s *spread) float64 { return s.P90 })
		}},
		{"p99", func(m *modeReport) string {
			return duration(m.P99) + m.Spread.of(func(s *spread) float64 { return s.P99 })
		}},
		{"p99.9", func(m *modeReport) string {
			return duration(m.P999) + m.Spread.of(func(s *spread) float64 { return s.P999 })
		}},
		{"max", func(m *modeReport) string { return duration(m.Max) }},
		{"sent → handler, p50 and p99", func(m *modeReport) string { return m.ToHandler.String() }},
		{"handler → thread", func(m *modeReport) string { return m.ToThread.String() }},
		{"thread → done", func(m *modeReport) string { return m.ToDone.String() }},
		{"done → answered", func(m *modeReport) string { return m.ToAnswer.String() }},
		{"background MB/s", func(m *modeReport) string {
			return fmt.Sprintf("%.1f", m.Background) + m.Spread.of(func(s *spread) float64 { return s.Background })
		}},
		{"resident MB", func(m *modeReport) string { return amount(m.Resident, 1) }},
		{"page faults/s", func(m *modeReport) string { return amount(m.Faults, seconds) }},
		{"OS threads woken/s", func(m *modeReport) string { return amount(m.Voluntary, seconds) }},
		{"woken for a request", func(m *modeReport) string { return optional(m.Wakes, "%.1f") }},
		{"displaced/s", func(m *modeReport) string { return amount(m.Involuntary, seconds) }},
		{"collections/s", func(m *modeReport) string { return amount(m.Collections, seconds) }},
		{"stop of the world, mean", func(m *modeReport) string { return optionalDuration(m.StopMean) }},
		{"p99", func(m *modeReport) string { return optionalDuration(m.StopP99) }},
		{"Monitor, of a core", func(m *modeReport) string { return share(m.Monitor) }},
		{"sysmon, of a core", func(m *modeReport) string { return share(m.Sysmon) }},
		{"preempted at safepoints/s", func(m *modeReport) string { return amount(m.Cooperative, 1) }},
		{"preempted by force/s", func(m *modeReport) string { return amount(m.Forced, 1) }},
	}
	if r.Beside != nil {
		rows = append(rows,
			row{"of all, at safepoints", func(m *modeReport) string {
				return percent(quotient(*m.Cooperative, *m.Cooperative+*m.Forced))
			}},
			row{fmt.Sprintf("woken more than %v late", lateAfter), func(m *modeReport) string { return share(m.LateWakes) }})
	}
	return append(rows,
		row{"generator late p99", func(m *modeReport) string { return duration(m.LateP99) }},
		row{"generator CPU", func(m *modeReport) string { return percent(m.Busy) }})
}

// tooLate is how late the load generator may be at p99. It has to wait for a
// processor among busy threads, but not for longer than a few of Linux's time
// slices.
const tooLate = 10 * time.Millisecond

// notes writes what the table doesn't say.
func (r *report) notes(w io.Writer, columns []column) {
	if r.Threads != nil {
		fmt.Fprintf(w, "\ngvthreads ran on the %s.\n", r.Threads.Engine)
	}
	r.Ratio.print(w, modeGoroutines)
	r.RatioLimited.print(w, modeLimited)
	r.RatioNiced.print(w, modeNiced)
	if r.Settings.Turns > 1 {
		fmt.Fprintf(w, "The modes ran in %d turns each; ± is half of what lies between the least and the greatest of them.\n", r.Settings.Turns)
	}
	if slices.ContainsFunc(columns, func(c column) bool { return !c.RealTime }) {
		fmt.Fprint(w, "The load generator had no real-time priority (on Linux, root and CAP_SYS_NICE may have it):\n"+
			"how late it was itself is part of the latencies.\n")
	}
	if systemMissing != "" {
		fmt.Fprintf(w, "Memory, page faults and OS threads were not measured: %s.\n", systemMissing)
	}
	if nicedMissing != "" && r.Goroutines != nil && r.Limited != nil {
		fmt.Fprintf(w, "niced was left out: %s.\n", nicedMissing)
	}
	for _, c := range columns {
		if c.LateP99 > us(tooLate) {
			fmt.Fprintf(w, "\nIn the run of %s the load generator itself was late by %s at p99: other programs\n"+
				"kept the processors busy. Its numbers are not to be relied on.\n", c.name, duration(c.LateP99))
		}
	}
}

// print writes what the ratio says, if there is one.
func (r *ratio) print(w io.Writer, other string) {
	if r == nil {
		return
	}
	fmt.Fprintf(w, "Against %s: p50 %s, p99 %s, background throughput %.0f%% of theirs.\n",
		other, factor(r.P50), factor(r.P99), 100*r.Background)
}
