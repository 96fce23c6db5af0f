package gvtrace

import (
	"cmp"
	"math"
	"slices"

	"github.com/gvthread/gvthread/runtime/internal/event"
)

// The series of the counter of threads that have no worker and need none.
const (
	inBlock = iota
	taken
	// elsewhere is for those that are not counted.
	elsewhere
)

// seriesOf returns the series that counts threads in a state.
func seriesOf(s event.State) int {
	switch s {
	case event.InBlock:
		return inBlock
	case event.Displaced:
		return taken
	}
	return elsewhere
}

// A life is what a window has of one thread.
type life struct {
	turns    []*event.Turn
	passages []event.Passage
	// standing is the series that counts it at the end.
	standing int
}

// outside counts the threads that have no worker and need none.
func (f *file) outside() *tally {
	w := f.window
	lives := make(map[uint64]*life)
	of := func(thread uint64) *life {
		l := lives[thread]
		if l == nil {
			l = &life{standing: elsewhere}
			lives[thread] = l
		}
		return l
	}
	for i := range w.Workers {
		turns := w.Workers[i].Turns
		for j := range turns {
			l := of(turns[j].Thread)
			l.turns = append(l.turns, &turns[j])
		}
	}
	for _, p := range w.Passages {
		l := of(p.Thread)
		l.passages = append(l.passages, p)
	}
	for _, s := range w.Standing {
		if series := seriesOf(s.State); series != elsewhere {
			of(s.Thread).standing = series
		}
	}
	t := &tally{from: w.Start, to: w.End}
	for _, l := range lives {
		l.count(t)
	}
	return t
}

// count counts the thread while it is outside.
func (l *life) count(t *tally) {
	end := func(t *event.Turn) int64 {
		if t.Cause == event.Unended {
			return math.MaxInt64
		}
		return t.End
	}
	// By their ends: they may begin a moment too early.
	slices.SortFunc(l.turns, func(a, b *event.Turn) int { return cmp.Compare(end(a), end(b)) })
	from, series := t.from, l.before()
	for _, turn := range l.turns {
		from, series = l.pass(t, from, turn.Begin, series)
		t.add(series, from, turn.Begin)
		from = end(turn)
		switch turn.Cause {
		case event.Blocks:
			series = inBlock
		case event.Taken:
			series = taken
		default:
			series = elsewhere
		}
	}
	from, series = l.pass(t, from, math.MaxInt64, series)
	if l.standing != elsewhere { // else it has gone, and nothing says when
		t.add(series, from, t.to)
	}
}

// before returns the series that counts the thread at the beginning.
func (l *life) before() int {
	switch {
	case len(l.passages) > 0 && (len(l.turns) == 0 || l.passages[0].At < l.turns[0].Begin):
		return seriesOf(l.passages[0].From)
	case len(l.turns) == 0:
		return l.standing
	}
	return elsewhere
}

// pass counts the thread, which is counted by series from some time on, up to its last
// passage before until, and returns since when it is counted by what after that.
func (l *life) pass(t *tally, from, until int64, series int) (int64, int) {
	for len(l.passages) > 0 && l.passages[0].At <= until {
		p := l.passages[0]
		l.passages = l.passages[1:]
		if p.At < from {
			continue
		}
		t.add(series, from, p.At)
		if from, series = p.At, elsewhere; p.Blocks {
			series = inBlock
		}
	}
	return from, series
}
