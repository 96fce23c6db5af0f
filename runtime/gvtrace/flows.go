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
			// A turn counts from the end of the one before it on its worker, when the
			// thread may not have been woken yet.
			at := max(to.turn.Begin, wake.At)
			if _, end, _ := f.clip(to.turn); at > end {
				continue // the end of the window is before it
			}
			n++
			f.flow("s", n, i, wake.At)
			f.flow("f", n, to.worker, at)
		}
	}
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
