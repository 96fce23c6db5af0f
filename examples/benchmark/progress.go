package main

import (
	"fmt"
	"io"
	"os"
)

// A progress shows how far the command is.
type progress struct {
	out io.Writer
	// line means that out is a terminal: one line there is written again and again.
	// Otherwise there is a line for each row that is done.
	line     bool
	row, all int
	name     string
}

// newProgress returns a progress of so many rows.
func newProgress(out io.Writer, rows int) *progress {
	p := &progress{out: out, all: rows}
	if f, ok := out.(*os.File); ok {
		info, err := f.Stat()
		p.line = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// begin announces a row.
func (p *progress) begin(name string) {
	p.row++
	p.name = name
}

// turn announces a turn of the row.
func (p *progress) turn(round, rounds int, side string) {
	if p.line {
		fmt.Fprintf(p.out, "\r\x1b[K%2d/%d %s: round %d of %d, %s", p.row, p.all, p.name, round+1, rounds, side)
	}
}

// end says what has come out.
func (p *progress) end(r result) {
	text := "absent"
	if r.absent == nil {
		text = fmt.Sprintf("gv %s, go %s", amount(r.value(sideThreads, 0), r.unit), amount(r.value(sideGoroutines, 0), r.unit))
	}
	if p.line {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
	fmt.Fprintf(p.out, "%2d/%d %s: %s\n", p.row, p.all, p.name, text)
}

// amount prints a value with about three digits that matter. Nanoseconds that are no
// operation's are a time that people read in other units, too.
func amount(v float64, unit string) string {
	if unit != "ns" {
		return short(v)
	}
	switch {
	case v >= 1e9:
		return short(v/1e9) + " s"
	case v >= 1e6:
		return short(v/1e6) + " ms"
	case v >= 1e3:
		return short(v/1e3) + " µs"
	default:
		return short(v) + " ns"
	}
}

// short prints a number with about three digits that matter.
func short(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 0.01:
		return fmt.Sprintf("%.2f", v)
	default:
		return fmt.Sprintf("%.2g", v)
	}
}
