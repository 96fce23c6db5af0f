package gvtrace

import (
	"cmp"
	"slices"
	"strconv"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/event"
)

// A change is one of a series of a counter, by 1 or -1.
type change struct {
	at     int64
	series int
	by     int
}

// A tally collects the changes of a counter within a window.
type tally struct {
	from, to int64
	changes  []change
}

// add counts one from begin to end.
func (t *tally) add(series int, begin, end int64) {
	if series == elsewhere {
		return
	}
	begin = max(begin, t.from)
	if begin >= min(end, t.to) {
		return
	}
	t.changes = append(t.changes, change{begin, series, 1})
	if end < t.to {
		t.changes = append(t.changes, change{end, series, -1})
	}
}

// counters writes how many threads have no worker: those that wait for one, and those that
// need none.
func (f *file) counters() {
	w := f.window
	ready := &tally{from: w.Start, to: w.End}
	for _, track := range w.Workers {
		for _, t := range track.Turns {
			ready.add(int(t.Due), t.Ready, t.Begin)
		}
	}
	for _, s := range w.Standing {
		if s.State == event.Ready {
			ready.add(int(s.Due), s.Since, w.End)
		}
	}
	var priorities []string
	for p := gv.Critical; p <= gv.Low; p++ {
		priorities = append(priorities, p.String())
	}
	f.counter("ready threads", priorities, ready)
	f.counter("threads without a worker", []string{"in gv.Block", "worker was taken"}, f.outside())
}

// counter writes one.
func (f *file) counter(name string, series []string, t *tally) {
	slices.SortFunc(t.changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	values := make([]int, len(series))
	f.values(name, series, values, t.from)
	for i, c := range t.changes {
		values[c.series] += c.by
		if i+1 == len(t.changes) || t.changes[i+1].at != c.at {
			f.values(name, series, values, c.at)
		}
	}
}

// values writes what a counter counts from a time on.
func (f *file) values(name string, series []string, values []int, at int64) {
	f.event("C", name, -1, at)
	f.line = append(f.line, `,"args":{`...)
	for i, s := range series {
		if i > 0 {
			f.line = append(f.line, ',')
		}
		f.line = strconv.AppendQuote(f.line, s)
		f.line = append(f.line, ':')
		f.line = strconv.AppendInt(f.line, int64(values[i]), 10)
	}
	f.line = append(f.line, '}')
	f.end()
}
