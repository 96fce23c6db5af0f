package sched

import (
	"slices"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// longSlices keeps the OS threads that run workers on long time slices of the
// operating system's, and gives others the short ones back: see
// arch.LengthenSlice. Workers move between OS threads; the Monitor looks now and
// then where they are. It has Linux look then whether they are to make way for
// others: see arch.CheckSlice.
type longSlices struct {
	lock arch.Lock
	// threads have long slices: one for each worker, or 0. It is nil, and nothing
	// is done, where the operating system has not granted short ones.
	threads []int
	checked int64 // when Linux was last asked to look
}

// checkEvery is how often Linux is asked to look, while tasks wait for a worker: it takes a
// look of the Monitor's, and a system call a worker. With 1 ms, examples/latency took longer
// by a third at p90 where the collector is busy.
const checkEvery = 250 * time.Microsecond

// start is called before other methods are, if at all.
func (l *longSlices) start(workers int) {
	l.lock.Lock()
	l.threads = make([]int, workers)
	l.lock.Unlock()
}

// update looks where the workers are.
func (l *longSlices) update(seen []view, now int64) {
	l.lock.Lock()
	defer l.lock.Unlock()
	check := now-l.checked >= int64(checkEvery)
	if check {
		l.checked = now
	}
	for i, tid := range l.threads {
		v := &seen[i]
		if v.task == nil {
			l.setLocked(i, 0)
			continue
		}
		if check && tid != 0 && v.runs {
			arch.CheckSlice(tid)
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

// next returns when Linux is to be asked to look again, never where that is of no use.
func (l *longSlices) next(now int64) int64 {
	if l.threads == nil {
		return never
	}
	return now + int64(checkEvery)
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
