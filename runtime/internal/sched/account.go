package sched

import (
	"time"

	"github.com/gvthread/gvthread/arch"
)

// Accounting divides the time of each worker among the tasks that have it, without gaps
// and without overlaps: each moment since Start counts for the task that has the worker
// then, and for the worker's level, which is None while it is vacant. One reading of the
// clock ends a turn and begins the next.
//
// A worker changes hands in hold, rotate and vacate, and its level with it, or in
// setLevel. These say so, with the worker locked. A task that can get another worker
// before, since it can be made ready with another lock or by itself, ends its turn first: in
// park and in seize. So the turns of one task follow one another.
//
// Each turn ends a wait: since the task was ready, or has lent its worker, or none if the
// task has found a vacant worker by itself.
//
// A task that is outside has no worker, and no time is its own: in Leave, after its worker
// was taken while it was blocked in Go, and while it lends its worker. Before that, a task
// that is blocked in Go has the worker, and its time.

// An account is what a worker's time goes to. It is guarded by the worker's lock.
type account struct {
	w *worker
	// since is up to when the time is counted.
	since int64
	// turn is the task whose turn it is; nil when that has ended, also while the worker
	// is still the task's.
	turn *Task
	// times are for each level how long it was the worker's.
	times [None + 1]int64
	// waits are for how long tasks have waited for the worker, by the priority that they
	// waited with: a boost, which ends a wait, does not count. waited is the sum.
	waits  [NumPriorities]Histogram
	waited [NumPriorities]int64
}

// openAccounts begins to account for the time of s's workers.
func (s *Scheduler) openAccounts() {
	s.monitor.needExact(1)
	now := Now()
	for _, w := range s.workers {
		w.account = &account{w: w, since: now}
	}
}

// endTurn ends the turn of the task that has w, if one has, and its turn has not ended. The
// caller has locked w.
func (w *worker) endTurn() {
	if w.account != nil || w.log != nil {
		w.noteEnd()
	}
}

// noteEnd is endTurn where somebody wants to know: apart, so that endTurn is inlined.
func (w *worker) noteEnd() {
	if w.account != nil {
		w.account.end()
	}
	if w.log != nil {
		w.logEndNow()
	}
}

// resumeTurn goes on with the turn of t, which keeps w after endTurn, as if nothing had
// been. The caller has locked w.
func (w *worker) resumeTurn(t *Task) {
	if w.account != nil {
		w.account.resume(t)
	}
	if w.log != nil {
		w.logResume()
	}
}

func (a *account) end() {
	if a.turn != nil {
		a.endAt(Now())
	}
}

// endAt is end for a turn that has not ended, at a time that has just been read.
func (a *account) endAt(now int64) {
	a.settle(now)
	a.turn.held.stop(a.since)
	a.turn = nil
}

// begin begins a turn of t, which is about to get the worker, and has waited for it.
func (a *account) begin(t *Task) {
	if a.w.cur == nil {
		a.settle(Now()) // the worker was vacant
	}
	p, wait := t.Due(), max(0, a.since-t.readyAt) // below 0: it has not waited
	a.waits[p].add(wait)
	a.waited[p] += wait
	a.resume(t)
}

func (a *account) resume(t *Task) {
	t.held.start(a.since)
	a.turn = t
}

// settle counts the time up to now for the worker's level.
func (a *account) settle(now int64) {
	now = max(now, a.since) // a bubble's goroutines read the clock in another way: see arch.Now
	a.times[a.w.level.Load()] += now - a.since
	a.since = now
}

// report adds to st what w's time has gone to, and the waits for it. The caller has locked w.
func (w *worker) report(st *Stats) {
	a := w.account
	if a == nil {
		return
	}
	a.settle(Now())
	for p := range st.RunTime {
		st.RunTime[p] += time.Duration(a.times[p])
	}
	st.IdleTime += time.Duration(a.times[None])
	for p := range st.Waits {
		st.Waited[p] += time.Duration(a.waited[p])
		for i, n := range a.waits[p] {
			st.Waits[p][i] += n
		}
	}
}

// RunTime returns for how long t has held workers, 0 without accounting. It waits for the
// lock of t's worker, if t has one: the clock is read first, and then what it says is noted.
// Between the two a later time would be too much.
func (t *Task) RunTime() time.Duration {
	for spins := 0; ; spins++ {
		if d, counts := t.held.load(); !counts {
			return time.Duration(d)
		}
		i := t.where.Load() >> placeShift
		if i != nowhere && int(i) <= len(t.s.workers) {
			if d, ok := t.s.workers[i-1].account.runTime(t); ok {
				return time.Duration(d)
			}
		}
		arch.Pause(spins) // its turn is about to end, or has just begun
	}
}

// runTime returns for how long t has held workers, if its turn is a's.
func (a *account) runTime(t *Task) (d int64, ok bool) {
	a.w.Lock.Lock()
	defer a.w.Unlock()
	if a.turn != t {
		return 0, false
	}
	a.settle(Now())
	return t.held.at(a.since), true
}

// A heldTime is for how long a task has held workers. The task's turns follow one another,
// and each is written under the lock of its worker.
//
// While the task has no worker, the word is that time. While it has one, the word is the
// complement of when the task would have begun if it had had a worker ever since: a number
// below 0, by which it is told from the other.
type heldTime struct{ word arch.Word64 }

// start begins a turn.
func (h *heldTime) start(now int64) { h.word.Store(uint64(^(now - int64(h.word.Load())))) }

// stop ends it.
func (h *heldTime) stop(now int64) { h.word.Store(uint64(h.at(now))) }

// at returns what stop would make of it.
func (h *heldTime) at(now int64) int64 { return now - ^int64(h.word.Load()) }

// upTo returns the time, at a moment that may be a little before the turn's begin.
func (h *heldTime) upTo(now int64) int64 {
	if d, counts := h.load(); !counts {
		return d
	}
	return h.at(now)
}

// load returns the time, or reports that it counts on.
func (h *heldTime) load() (d int64, counts bool) {
	d = int64(h.word.Load())
	return d, d < 0
}
