package event

import (
	"maps"
	"slices"
	"time"
)

// A Window is what is known of a runtime from one moment to another.
type Window struct {
	Start, End int64
	// Wall is End on the wall clock.
	Wall time.Time
	// Workers has a Track for each worker.
	Workers  []Track
	Passages []Passage
	// Standing are the threads that are without a worker at the end, and don't wait for
	// others.
	Standing []Standing
	// Lost counts the turns before Start for which there was no room, and LostWakes
	// the wakes, of which some may be missing after Start.
	Lost, LostWakes uint64
}

// A Track has the turns of a worker, and whom they woke, in order. The first turn may have
// begun before Start, and the last one goes on after End if it is Unended.
type Track struct {
	Turns []Turn
	Wakes []Wake
	lossy bool
}

// Close makes w, which has been copied from a recording that began at start, the window of
// the time up to End of which all is known, and not more than age of it. Standing was seen
// after End, and what is in the tracks after that.
func (w *Window) Close(start, age int64) {
	w.Start = max(start, w.End-age)
	full := w.Start
	for _, t := range w.Workers {
		switch {
		case !t.lossy:
		case len(t.Turns) > 0:
			full = max(full, t.Turns[0].Begin)
		default:
			full = w.End // all that it had was overwritten before it could be copied
		}
	}
	if full == w.Start {
		w.Lost = 0 // all of it is older
	}
	var late []Turn
	for i := range w.Workers {
		t := &w.Workers[i]
		keep := t.Turns[:0]
		for _, turn := range t.Turns {
			switch {
			case turn.Begin >= w.End:
				late = append(late, turn)
			case turn.Cause != Unended && turn.End <= w.Start:
			case turn.Cause != Unended && turn.End <= full:
				w.Lost++
			default:
				keep = append(keep, turn)
			}
		}
		t.Turns = keep
	}
	w.Start = min(full, w.End)
	w.stand(late)
}

// stand makes Standing what it was at End. late are the turns that began after that.
func (w *Window) stand(late []Turn) {
	standing := make(map[uint64]Standing, len(w.Standing))
	for _, s := range w.Standing {
		if s.State != Ready || s.Since < w.End {
			standing[s.Thread] = s
		}
	}
	for _, t := range late {
		switch s, ok := standing[t.Thread]; {
		case t.Ready < w.End:
			standing[t.Thread] = Standing{t.Thread, Ready, t.Ready, t.Due}
		case ok && s.State != Ready:
			delete(standing, t.Thread) // it has got there after End
		}
	}
	w.Standing = slices.Collect(maps.Values(standing))
}
