package sched

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// vacantWorkers are the workers that no task has.
type vacantWorkers struct {
	lock arch.Lock
	list []*worker
	// n is the length of list, for those who look without the lock. It is written under the
	// lock. One less may be seen late, by those who then take the lock in vain, or leave to the
	// Monitor what it does anyway; where that won't do, see noneTaken.
	n arch.Word
	// resting is how many of them rest.
	resting atomic.Int32
}

// restTime is how long a worker rests at least. The goroutine that answers a request
// needs less for what is left to do after its task has ended.
const restTime = 100 * time.Microsecond

// A rest is what a worker is left in that a task of high priority has ended on, with
// nothing but lower ones to follow, while its goroutine goes on.
//
// The goroutine is still on the core. If the next task were resumed at the same
// moment, it would have to be on another OS thread, and Linux would let that one go
// first as often as not, for as long as its tick. So the worker rests a little; if a
// task that is as urgent as the last one comes meanwhile, it finds the worker free.
//
// It belongs to who has locked the worker, and while that is listed, to who has locked the list.
type rest struct {
	until int64 // 0: the worker doesn't rest
	level Priority
}

// add enters w, which has no task, and is locked by the caller.
func (v *vacantWorkers) add(w *worker) {
	v.lock.Lock()
	v.list = append(v.list, w)
	v.n.Publish(uint32(len(v.list))) // then the caller looks for tasks
	if w.rest.until != 0 {
		v.resting.Add(1)
	}
	v.lock.Unlock()
}

// remove takes w out, and reports whether it was there.
func (v *vacantWorkers) remove(w *worker) bool {
	v.lock.Lock()
	i := slices.Index(v.list, w)
	if i >= 0 {
		v.cut(i)
	}
	v.lock.Unlock()
	return i >= 0
}

// take takes the last worker that a task of priority p may have, nil if there is none.
func (v *vacantWorkers) take(p Priority) (w *worker) {
	if v.n.Load() == 0 {
		return nil
	}
	v.lock.Lock()
	for i := len(v.list) - 1; i >= 0 && w == nil; i-- {
		if r := &v.list[i].rest; r.until == 0 || p <= r.level {
			w = v.cut(i)
		}
	}
	v.lock.Unlock()
	return w
}

// takeRested takes a worker whose rest is over. If there is none, it says when there will
// be one.
func (v *vacantWorkers) takeRested(now int64) (w *worker, next int64) {
	next = never
	v.lock.Lock()
	for i := len(v.list) - 1; i >= 0 && w == nil; i-- {
		switch until := v.list[i].rest.until; {
		case until > now:
			next = min(next, until)
		case until != 0:
			w = v.cut(i)
		}
	}
	v.lock.Unlock()
	return w, next
}

// cut takes the worker at i out, with the lock held, and returns it.
func (v *vacantWorkers) cut(i int) *worker {
	w, last := v.list[i], len(v.list)-1
	for ; i < last; i++ {
		v.list[i] = v.list[i+1]
	}
	v.list = v.list[:last]
	v.n.Store(uint32(last))
	if w.rest.until != 0 {
		w.rest = rest{}
		v.resting.Add(-1)
	}
	return w
}

// takeVacant takes a vacant worker for a task of priority p, nil if there is none.
func (s *Scheduler) takeVacant(p Priority) *worker {
	w := s.vacant.take(p)
	if w != nil {
		s.monitor.attendStacks()
	}
	return w
}

// busy reports whether a worker has a task, or will have one.
func (s *Scheduler) busy() bool { return int(s.vacant.n.Load()) < len(s.workers) }

// noneTaken is the opposite of busy, for the Monitor when it has said that it is about to
// block. It takes the lock, as overlooked does those of queues: who has taken a worker before is
// seen here, and who takes one later sees what the Monitor has said.
func (s *Scheduler) noneTaken() bool {
	s.vacant.lock.Lock()
	defer s.vacant.lock.Unlock()
	return len(s.vacant.list) == len(s.workers)
}

// employ gives w, which was taken from the vacant ones, to a ready task, which the
// caller resumes, or returns nil: its lender has it, or it is vacant again. The caller holds
// the lock of no other worker, whose queue would be out of reach.
func (w *worker) employ() (next *Task) {
	w.Lock.Lock()
	next = w.fill()
	repaid := next == nil && w.cur != nil
	w.Unlock()
	w.s.monitor.attendOutside()
	if repaid {
		w.s.monitor.attend() // what it was taken for waits still
	}
	return next
}

// vacate leaves w, which the caller has locked, without a task.
func (w *worker) vacate() {
	w.endTurn()
	w.cur = nil
	w.level.Store(uint32(None))
}

// restFor makes w, which a task of priority p has left, vacant for a rest. The caller
// has locked w.
func (w *worker) restFor(p Priority) {
	w.acknowledge()
	w.vacate()
	w.rest = rest{until: Now() + int64(restTime), level: p}
	w.s.vacant.add(w)
}

// afterRest sees to the tasks that became ready before w rested, and may have it, and
// that the rest ends.
func (s *Scheduler) afterRest(p Priority) {
	if top := s.topReady(); top <= p && s.fillVacant(top) {
		return
	}
	// The Monitor ends the rest at its next look: waking it here would cost the
	// goroutine its core.
	s.monitor.attend()
}

// endRests puts the workers to work that have rested enough, and returns when the next
// one has.
func (s *Scheduler) endRests(now int64) (next int64) {
	if s.vacant.resting.Load() == 0 {
		return never
	}
	for {
		w, next := s.vacant.takeRested(now)
		if w == nil {
			return next
		}
		resume(w.employ())
	}
}

// release unlocks w, and resumes next, to which w was given, through Go's scheduler, if it
// isn't nil. It is pinned in between: next has a worker that nobody else would use.
func (w *worker) release(next *Task) {
	if next == nil {
		w.Unlock()
		return
	}
	arch.Pin()
	w.Unlock()
	resume(next)
	arch.Unpin()
}

// resume resumes t, which was given a worker, through Go's scheduler. t may be nil.
func resume(t *Task) {
	if t != nil {
		t.fiber.resume()
	}
}
