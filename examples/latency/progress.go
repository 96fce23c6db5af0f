package main

import (
	"fmt"
	"io"
	"time"

	"github.com/gvthread/gvthread/examples/latency/internal/load"
)

// A progress shows how far the runs are.
type progress struct {
	out io.Writer
	// line means that out is a terminal: one line there is written again and
	// again. Otherwise each step is a line.
	line bool
	mode string
	last snapshot
}

// begin announces a mode.
func (p *progress) begin(mode string) {
	p.mode, p.last = mode, snapshot{}
	p.print("starting the server and the load generator")
}

// step shows a second's work.
func (p *progress) step(l load.Progress, s snapshot) {
	rate := float64(s.Bytes-p.last.Bytes) / 1e6 / (s.At - p.last.At).Seconds()
	p.last = s
	p.print(fmt.Sprintf("%4.0f s  %6d answers, slowest %9s   background %6.1f MB/s",
		l.Elapsed.Seconds(), l.Answered, milliseconds(l.Slowest), rate))
}

// end finishes a mode.
func (p *progress) end() {
	if p.line {
		fmt.Fprintln(p.out)
	}
}

func (p *progress) print(text string) {
	if p.line {
		fmt.Fprintf(p.out, "\r\x1b[K%-10s  %s", p.mode, text)
	} else {
		fmt.Fprintf(p.out, "%-10s  %s\n", p.mode, text)
	}
}

// milliseconds prints a duration in milliseconds, with three digits that
// matter.
func milliseconds(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms >= 100:
		return fmt.Sprintf("%.0f ms", ms)
	case ms >= 10:
		return fmt.Sprintf("%.1f ms", ms)
	case ms >= 1:
		return fmt.Sprintf("%.2f ms", ms)
	default:
		return fmt.Sprintf("%.3f ms", ms)
	}
}
