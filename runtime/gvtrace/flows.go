package gvtrace

import (
	"strconv"

	"github.com/gvthread/gvthread/runtime/internal/event"
)

// A readiness is a thread that became ready at some time.
type readiness struct {
	thread uint64
	at     int64
}

// A place is a turn on a worker.
type place struct {
	worker int
	turn   *event.Turn
}

// flows writes an arrow for each wake of which both turns are in the window.
func (f *file) flows() {
	begun := make(map[readiness]place)
	for i := range f.window.Workers {
		turns := f.window.Workers[i].Turns
		for j := range turns {
			if t := &turns[j]; t.Begin >= f.window.Start {
				begun[readiness{t.Thread, t.Ready}] = place{i, t}
			}
		}
	}
	n := 0
	for i := range f.window.Workers {
		turns := f.window.Workers[i].Turns
		for _, wake := range f.window.Workers[i].Wakes {
			for len(turns) > 0 && turns[0].Cause != event.Unended && turns[0].End < wake.At {
				turns = turns[1:]
			}
			to, ok := begun[readiness{wake.Woken, wake.At}]
			if !ok || len(turns) == 0 || wake.At < max(turns[0].Begin, f.window.Start) {
				continue
			}
			if _, end, _ := f.clip(to.turn); wake.At >= end {
				continue // the end of the window is before it
			}
			n++
			from := f.inside(&turns[0], wake.At)
			f.flow("s", n, i, from)
			// A turn counts from the end of the one before it on its worker, when the
			// thread may not have been woken yet.
			f.flow("f", n, to.worker, f.inside(to.turn, max(to.turn.Begin, from)))
		}
	}
}

// inside returns at, which is in t, or, if that is where t meets another turn, a nanosecond
// farther inside: viewers look for the slice by the time.
func (f *file) inside(t *event.Turn, at int64) int64 {
	begin, end, _ := f.clip(t)
	return max(begin, min(max(at, begin+1), end-1))
}

// flow writes one end of an arrow.
func (f *file) flow(kind string, n, worker int, at int64) {
	f.event(kind, "wake", worker, at)
	f.line = append(f.line, `,"cat":"wake","id":`...)
	f.line = strconv.AppendInt(f.line, int64(n), 10)
	if kind == "f" {
		f.line = append(f.line, `,"bp":"e"`...)
	}
	f.end()
}
