package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gvthread/gvthread/examples/latency/internal/load"
)

// A cell is one setting of the matrix.
type cell struct {
	gogc    string
	rate    float64
	other   int
	threads int
}

// matrix returns the cells. threads is how many there are in the background of all but
// the last.
func matrix(threads int) (cells []cell) {
	for _, gogc := range []string{"100", "800"} {
		for _, rate := range []float64{200, 1000} {
			for _, other := range []int{0, 2} {
				cells = append(cells, cell{gogc, rate, other, threads})
			}
		}
	}
	return append(cells, cell{"100", 200, 0, 1000})
}

// options returns o as the cell wants it.
func (c cell) options(o options) options {
	o.GOGC, o.Rate, o.Other, o.Threads = c.gogc, c.rate, c.other, c.threads
	return o
}

func (c cell) String() string {
	return fmt.Sprintf("GOGC=%s, %.0f requests/s, %d threads, -other %d", c.gogc, c.rate, c.threads, c.other)
}

// A matrixReport is the results as they are written with -json.
type matrixReport struct {
	Cells []*report `json:"cells"`
}

// compareAll runs the cells one after another.
func compareAll(ctx context.Context, o options, cells []cell, requests []load.Request, p *progress) (*matrixReport, error) {
	least := time.Duration(len(cells)*len(o.modes())*o.Turns) * (o.Warmup + o.turn() + settle + min(quietFor, o.turn()))
	p.title(fmt.Sprintf("%d cells, at least %v", len(cells), least.Round(time.Second)))
	var m matrixReport
	for i, c := range cells {
		p.title(fmt.Sprintf("%d of %d: %v", i+1, len(cells), c))
		r, err := compare(ctx, c.options(o), requests, p)
		if err != nil {
			return nil, fmt.Errorf("%v: %w", c, err)
		}
		m.Cells = append(m.Cells, r)
	}
	return &m, nil
}

// A ratioColumn is a number of a mode by which gvthreads are compared, nil if it is not
// known.
type ratioColumn struct {
	name string
	of   func(m *modeReport) *float64
}

var ratioColumns = []ratioColumn{
	{"p50", func(m *modeReport) *float64 { return &m.P50 }},
	{"p90", func(m *modeReport) *float64 { return &m.P90 }},
	{"p99", func(m *modeReport) *float64 { return &m.P99 }},
	{"p99.9", func(m *modeReport) *float64 { return &m.P999 }},
	{"MB/s", func(m *modeReport) *float64 { return &m.Background }},
	{"MB", func(m *modeReport) *float64 { return m.Resident }},
	{"faults", func(m *modeReport) *float64 { return m.Faults }},
	{"displaced", func(m *modeReport) *float64 { return m.Involuntary }},
	{"stop", func(m *modeReport) *float64 { return m.StopMean }},
	{"p99", func(m *modeReport) *float64 { return m.StopP99 }},
}

// print writes a line for each mode of each cell.
func (m *matrixReport) print(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "GOGC\treq/s\tother\tthreads\tmode\tp50\tp90\tp99\tp99.9\tMB/s\tMB\twoken\t|\t")
	for _, c := range ratioColumns {
		fmt.Fprintf(t, "%s\t", c.name)
	}
	fmt.Fprintln(t)
	for _, r := range m.Cells {
		for _, c := range r.columns() {
			s := r.Settings
			fmt.Fprintf(t, "%s\t%.0f\t%d\t%d\t%s\t", s.GOGC, s.Rate, s.Other, s.Threads, c.name)
			for _, us := range []float64{c.P50, c.P90, c.P99, c.P999} {
				fmt.Fprintf(t, "%s\t", strings.TrimSuffix(duration(us), " ms"))
			}
			fmt.Fprintf(t, "%.1f\t%s\t%s\t|\t", c.Background, amount(c.Resident, 1), optional(c.Wakes, "%.1f"))
			for _, column := range ratioColumns {
				text := "" // a cell all the same: without one the column would end
				if r.Threads != nil && c.modeReport != r.Threads {
					text = over(column.of(r.Threads), column.of(c.modeReport))
				}
				fmt.Fprintf(t, "%s\t", text)
			}
			fmt.Fprintln(t)
		}
	}
	t.Flush()
	fmt.Fprint(w, "\nLatencies in milliseconds; background (MB/s); resident memory (MB); OS threads woken for a request.\n"+
		"Right of the bar: the numbers of gvthreads over those of the line; page faults, OS threads displaced, and\n"+
		"stops of the world, mean and p99, too. Below 1 is better, but for the background.\n")
}

// over prints a/b, as far as it is known.
func over(a, b *float64) string {
	if a == nil || b == nil || *b == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", *a / *b)
}
