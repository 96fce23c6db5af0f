package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

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

// print writes a line for each mode of each cell.
func (m *matrixReport) print(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\t\t\t\t\t\t\t\t\t\t\tgvthreads / it\t\t\t\t\t\t")
	fmt.Fprintln(t, "GOGC\treq/s\tother\tthreads\tmode\tp50\tp90\tp99\tp99.9\tMB/s\tMB\tp50\tp90\tp99\tp99.9\tMB/s\tMB\t")
	for _, r := range m.Cells {
		for _, c := range r.columns() {
			s := r.Settings
			fmt.Fprintf(t, "%s\t%.0f\t%d\t%d\t%s\t", s.GOGC, s.Rate, s.Other, s.Threads, c.name)
			for _, us := range []float64{c.P50, c.P90, c.P99, c.P999} {
				fmt.Fprintf(t, "%s\t", duration(us))
			}
			fmt.Fprintf(t, "%.1f\t%s\t", c.Background, amount(c.Resident, 1))
			c.printRatios(t, r.Threads)
			fmt.Fprintln(t)
		}
	}
	t.Flush()
	fmt.Fprintln(w, "\nLatencies and memory (MB) are better below 1, background (MB/s) above.")
}

// printRatios writes threads' numbers over m's, as far as there are both.
func (m *modeReport) printRatios(w io.Writer, threads *modeReport) {
	if threads == nil || threads == m {
		return
	}
	cell := func(a, b float64) {
		text := "-"
		if b > 0 {
			text = fmt.Sprintf("%.2f", a/b)
		}
		fmt.Fprintf(w, "%s\t", text)
	}
	cell(threads.P50, m.P50)
	cell(threads.P90, m.P90)
	cell(threads.P99, m.P99)
	cell(threads.P999, m.P999)
	cell(threads.Background, m.Background)
	if threads.Resident != nil && m.Resident != nil {
		cell(*threads.Resident, *m.Resident)
	}
}
