// Preemption shows how a thread that loops makes way for one that is more
// important. A Low thread spins on the only worker of its runtime, and a Critical
// one sleeps for a millisecond and counts, again and again. That happens three
// times side by side:
//
//	instrumented   the loop passes a safepoint in each round; no signals
//	forced         it passes none; signals stop it
//	neither        it passes none; no signals
//
// A line every 200 ms shows how far each Critical thread has counted while the
// loops spin: the first two go on, and the third stands still until its loop ends.
//
// Usage:
//
//	go run ./examples/preemption
//	go run ./cmd/gvinstrument run ./examples/preemption
//
// The second command builds the same sources with a safepoint in the loop that
// has none. So nobody stands still, and little is left to force.
//
// On the Portable engine, which GVTHREAD=portable in the environment asks for,
// nothing can be forced. There the worker of a loop without safepoints goes to the
// Critical thread, and the two share the processor as goroutines do.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"time"
)

const (
	every = 200 * time.Millisecond // is how often the counts are shown
	rows  = 10                     // is how often they are, before the loops are stopped
)

func main() {
	row := 0
	err := run(os.Stdout, every, func([]int64) bool {
		row++
		return row == rows
	})
	if err != nil {
		log.Fatal(err)
	}
}

// run shows the counts again and again until they are enough, stops the loops, and
// shows what came of it.
func run(out io.Writer, every time.Duration, enough func(counts []int64) bool) error {
	ways, err := startAll()
	if err != nil {
		return err
	}
	for _, w := range ways {
		if reason := w.cannot(); reason != "" {
			fmt.Fprintf(out, "%s: not here: %s\n", w.name, reason)
		}
	}
	count := func(w *way) int64 { return w.count.Load() }
	row(out, "", ways, func(w *way) string { return w.name })
	for began := time.Now(); ; {
		time.Sleep(every)
		title := fmt.Sprintf("after %.1f s", time.Since(began).Seconds())
		if enough(row(out, title, ways, count)) {
			break
		}
	}
	for _, w := range ways {
		if err := w.finish(); err != nil {
			return err
		}
	}
	row(out, "at the end", ways, count)
	fmt.Fprintln(out)
	row(out, "counted beside the loop", ways, func(w *way) int64 { return w.beside })
	row(out, "preempted at safepoints", ways, func(w *way) uint64 { return w.rt.Stats().Cooperative })
	row(out, "preempted by force", ways, func(w *way) uint64 { return w.rt.Stats().Forced })
	row(out, "lost the worker", ways, func(w *way) uint64 { return w.rt.Stats().Handoffs })
	return nil
}

// row prints a line with a column for each way, and returns what is in the columns.
func row[T any](out io.Writer, title string, ways []*way, column func(*way) T) (columns []T) {
	line := fmt.Sprintf("%-24s", title)
	for _, w := range ways {
		c := column(w)
		columns = append(columns, c)
		line += fmt.Sprintf("%14v", c)
	}
	fmt.Fprintln(out, line)
	return columns
}
