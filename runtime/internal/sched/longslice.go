package sched

import (
	"slices"

	"github.com/gvthread/gvthread/arch"
)

// longSlices keeps the OS threads that run workers on long time slices of the
// operating system's, and gives others the short ones back: see
// arch.LengthenSlice. Workers move between OS threads; the Monitor looks now and
// then where they are. While tasks wait for workers, which compute then, it wants the
// slices to be kept: see arch.WantSlices.
type longSlices struct {
	lock arch.Lock
	// threads have long slices: one for each worker, or 0. It is nil, and nothing
	// is done, where the operating system has not granted short ones.
	threads []int
	wanted  bool // the Monitor's own
}

// start is called before other methods are, if at all.
func (l *longSlices) start(workers int) {
	l.lock.Lock()
	l.threads = make([]int, workers)
	l.lock.Unlock()
}

// update looks where the workers are.
func (l *longSlices) update(seen []view) {
	l.lock.Lock()
	defer l.lock.Unlock()
	for i, tid := range l.threads {
		v := &seen[i]
		if v.task == nil {
			l.setLocked(i, 0)
			continue
		}
		if v.now == v.since {
			// A task that has the worker for a moment, often borrowed, would only be
			// displaced more easily.
			continue
		}
		on := 0
		if turn := (turn{v.worker, v.task, v.turn}); turn.lock() {
			on = v.task.fiber.Thread()
			v.worker.Unlock()
		}
		if on != 0 && on != tid && !slices.Contains(l.threads, on) {
			l.setLocked(i, on)
		}
	}
}

// want says whether slices are to be kept.
func (l *longSlices) want(want bool) {
	if l.threads != nil && want != l.wanted {
		l.wanted = want
		arch.WantSlices(want)
	}
}

// shorten gives an OS thread the short slice back whose task has been stopped:
// it looks for other work now, perhaps for a request.
func (l *longSlices) shorten(tid int) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if i := slices.Index(l.threads, tid); i >= 0 {
		l.setLocked(i, 0)
	}
}

// setLocked makes tid the OS thread that runs worker i, 0 for none.
func (l *longSlices) setLocked(i, tid int) {
	if old := l.threads[i]; old != 0 {
		arch.LengthenSlice(old, false)
	}
	l.threads[i] = tid
	if tid != 0 {
		arch.LengthenSlice(tid, true)
	}
}
