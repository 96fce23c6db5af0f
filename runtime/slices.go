package gv

import (
	"slices"

	"github.com/gvthread/gvthread/arch"
)

// longSlices keeps the OS threads that run workers on long time slices of the
// operating system's, and gives others the short ones back: see
// arch.LengthenSlice. Workers move between OS threads; the Monitor looks now and
// then where they are. Only the Monitor uses it.
type longSlices struct {
	threads []int // that have long slices, one for each worker or 0
}

// update looks where the workers are.
func (l *longSlices) update(seen []workerView) {
	if l.threads == nil {
		l.threads = make([]int, len(seen))
	}
	for i := range seen {
		v := &seen[i]
		if v.thread == nil {
			continue
		}
		tid := v.thread.fiber.Thread(&v.thread.word, uint64(v.word))
		if tid == 0 || slices.Contains(l.threads, tid) {
			continue
		}
		if l.threads[i] != 0 {
			arch.LengthenSlice(l.threads[i], false)
		}
		l.threads[i] = tid
		arch.LengthenSlice(tid, true)
	}
}

// release gives all threads the short slice back whose workers nobody holds.
func (l *longSlices) release(seen []workerView) {
	for i, tid := range l.threads {
		if tid != 0 && seen[i].thread == nil {
			arch.LengthenSlice(tid, false)
			l.threads[i] = 0
		}
	}
}
