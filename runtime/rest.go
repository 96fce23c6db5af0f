package gv

import (
	"slices"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// restTime is how long a worker rests at least. The goroutine that answers a
// request needs less for what is left to do after the thread that it waited for.
// requestTime is within what it expects all of a request to be over.
const (
	restTime    = 100 * time.Microsecond
	requestTime = 300 * time.Microsecond
)

// A restingWorker is one that a thread of high priority has left, with nothing
// but lower ones to follow, for a goroutine that waited for the thread.
//
// The goroutine can go on at once on the P, and the core, that the thread leaves.
// If the next thread were resumed at the same moment, it would have to be on
// another OS thread, and Linux would let that one go first as often as not, for
// as long as its tick. So the worker rests a little; if a thread that is as
// urgent as the last one comes meanwhile, it finds the worker free.
type restingWorker struct {
	worker *worker
	level  Priority
	until  int64
}

// vacate takes the worker from t, which has ended, before goroutines that wait
// for it are woken.
func (t *Thread) vacate() {
	arch.Pin()
	defer arch.Unpin()
	w := t.lastWorker()
	if w == nil {
		return
	}
	if top := t.rt.topReady(); !t.rt.native || top == noPriority || top <= t.effective() {
		w.handOff(t, t.load(), StateDone)
		return
	}
	w.queue.lock.lock()
	vacant := w.cur == t
	if vacant {
		t.store(t.load().with(StateDone, nowhere))
		if w.repayLocked() {
			vacant = false
		} else {
			w.vacateLocked()
		}
	}
	w.queue.lock.unlock()
	if vacant {
		t.rt.rest(w, t.effective())
	}
}

// rest puts w, which nobody holds, to rest.
func (rt *Runtime) rest(w *worker, level Priority) {
	w.acknowledge()
	until := now() + int64(restTime)
	rt.idle.lock.lock()
	rt.idle.resting = append(rt.idle.resting, restingWorker{w, level, until})
	rt.idle.nResting.Add(1)
	rt.idle.lock.unlock()
	// A thread that became ready before this and that may have the worker has
	// found none: look for it.
	if top := rt.topReady(); top <= level {
		if w := rt.takeResting(top); w != nil {
			w.employ()
			return
		}
	}
	// The Monitor ends the rest at its next look, if stop has not planned one
	// for it: waking it here would cost the goroutine its core.
	rt.monitor.attend()
}

// takeResting returns a resting worker that a thread of priority p may have, nil
// if there is none.
func (rt *Runtime) takeResting(p Priority) *worker {
	if rt.idle.nResting.Load() == 0 {
		return nil
	}
	return rt.wake(func(r restingWorker) bool { return p <= r.level })
}

// wake takes a worker for which f is true from its rest.
func (rt *Runtime) wake(f func(restingWorker) bool) *worker {
	rt.idle.lock.lock()
	defer rt.idle.lock.unlock()
	i := slices.IndexFunc(rt.idle.resting, f)
	if i < 0 {
		return nil
	}
	w := rt.idle.resting[i].worker
	rt.idle.resting = slices.Delete(rt.idle.resting, i, i+1)
	rt.idle.nResting.Add(-1)
	return w
}

// endRests puts the workers to work that have rested enough, and returns when
// the next one has.
func (rt *Runtime) endRests(at int64) (next int64) {
	if rt.idle.nResting.Load() == 0 {
		return never
	}
	for {
		next = never
		w := rt.wake(func(r restingWorker) bool {
			if r.until > at {
				next = min(next, r.until)
			}
			return r.until <= at
		})
		if w == nil {
			return next
		}
		w.employ()
	}
}
