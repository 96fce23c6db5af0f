package main

import (
	"fmt"
	"io"

	"github.com/gvthread/gvthread/examples/latency/internal/load"
)

// A progress shows how far the runs are.
type progress struct {
	out io.Writer
	// line means that out is a terminal: one line there is written again and
	// again. Otherwise each step is a line.
	line bool
	turn string
	last snapshot
}

// title announces the runs that follow.
func (p *progress) title(text string) { fmt.Fprintln(p.out, text) }

// begin announces a turn of a mode.
func (p *progress) begin(mode string, turn, turns int) {
	p.turn, p.last = fmt.Sprintf("%-10s  %d of %d", mode, turn, turns), snapshot{}
	p.print("starting the server and the load generator")
}

// step shows a second's work.
func (p *progress) step(l load.Progress, s snapshot) {
	rate := float64(s.Bytes-p.last.Bytes) / 1e6 / (s.At - p.last.At).Seconds()
	p.last = s
	p.print(fmt.Sprintf("%4.0f s  %6d answers, slowest %9s   background %6.1f MB/s",
		l.Elapsed.Seconds(), l.Answered, milliseconds(l.Slowest), rate))
}

// end finishes a turn.
func (p *progress) end() {
	if p.line {
		fmt.Fprintln(p.out)
	}
}

func (p *progress) print(text string) {
	if p.line {
		fmt.Fprintf(p.out, "\r\x1b[K%s  %s", p.turn, text)
	} else {
		fmt.Fprintf(p.out, "%s  %s\n", p.turn, text)
	}
}
