package sched

import "github.com/gvthread/gvthread/arch"

// longList is how many tasks are in a list when what each of them needs for its turn, more
// than a dozen lines of the processor's caches, is not in these any more when its turn comes.
const longList = 256

// prefetch is called when a task has been taken from l, mostly the first, and lets the processor load
// what the next ones need while this one has its turn.
func (l *taskList) prefetch() {
	if l.n > longList {
		l.prefetchTurns()
	}
}

// prefetchTurns is prefetch for a long list. Each thing is found by means of the one before,
// and is asked for a turn later.
func (l *taskList) prefetchTurns() {
	first := l.first
	second := first.next
	third := second.next
	if f := first.fiber; f != nil {
		f.PrefetchStack()
	}
	if f := second.fiber; f != nil {
		f.PrefetchGoroutine()
	}
	if f := third.fiber; f != nil {
		arch.Prefetch(f)
	}
	arch.Prefetch(third.next)
}
