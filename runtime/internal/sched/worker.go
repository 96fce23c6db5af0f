package sched

import (
	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/event"
)

// A worker is one of the scheduler's virtual CPUs: the right to run one task. It is
// not tied to an OS thread.
//
// Its lock is taken before the next task is picked, and held until the last one is
// off its stack: arch releases it. So whoever holds the lock finds the worker's task
// outside of any switch, and every task in the queue resumable.
type worker struct {
	place
	s *Scheduler

	// Guarded by the lock.

	// cur is the task that has the worker, nil while none does.
	cur *Task
	// turn counts the tasks that were given the worker.
	turn uint64
	// lent is the task that the worker was borrowed from: see seize.go.
	lent *Task
	// fibers are idle.
	fibers fiberStack
	// rest is set while the worker is vacant, but rests.
	rest rest
	// account is nil without Config.Accounting: see account.go.
	account *account
	// log is nil while nobody records: see record.go. cause is why cur leaves, and wait
	// what for.
	log   *event.Log
	cause event.Cause
	wait  uint8

	// Read by all.

	_ [64]byte
	// level is the priority of cur, for those who look for the worker with the
	// lowest; None while it is vacant. Written under the lock.
	level arch.Word
	// preempt asks cur to yield: one of the reasons below. Whoever makes it
	// non-zero adds one to preemptPending.
	preempt arch.Word
}

// give makes t, which is in no queue, the task that has w, which the caller has
// locked.
func (w *worker) give(t *Task) {
	if t.fiber == nil {
		w.embody(t)
	}
	if w.lent != nil && t.Priority() >= w.lent.Priority() {
		w.s.writeOff(w) // t is no higher: the lender is to queue as t's equals do
	}
	t.where.Store(at(Running, w.index))
	if w.account != nil {
		w.account.end()
		w.account.begin(t)
	}
	if w.log != nil {
		w.logTurn(t)
	}
	w.seat(t)
	if p := t.Priority(); Priority(w.level.Load()) != p {
		w.relevel(p)
	}
}

// seat is what begins with each turn of t on w.
func (w *worker) seat(t *Task) {
	w.cur = t
	w.turn++
	t.late = false
	if t.budget != nil {
		w.beginBudget(t)
	}
}

// relevel makes p the level of w, which has another. The caller has locked w.
func (w *worker) relevel(p Priority) {
	if old := Priority(w.level.Load()); old > p && old != None {
		w.level.Store(uint32(p))
		return
	}
	// A task in between, or one above while the worker was vacant, may have become
	// ready after the pick, without anybody seeing a reason to ask this worker: the
	// order of this store and the look at the queues, and of the opposite in publish,
	// makes sure that one of the sides does.
	w.level.Publish(uint32(p))
	w.askOutranked(p)
}

// setLevel makes p the level of w, which the caller has locked, while its task stays.
func (w *worker) setLevel(p Priority) {
	if w.account != nil {
		w.account.settle(Now())
	}
	w.level.Publish(uint32(p))
}

// pass hands w to its lender, or else to the best ready task, of a priority of at least
// limit. It puts t, w's task, into w's queue in state s: at the end of its list or, with
// front, at the front. It returns the ready task as next, or kept if the lender has w again.
// If there was neither, t keeps w. The caller has locked w.
func (w *worker) pass(t *Task, limit Priority, s State, front bool) (next *Task, kept bool) {
	if l := w.lent; l != nil && l.Priority() <= limit && w.repay() {
		w.enqueue(t, s, front)
		return nil, true
	}
	w.acknowledge()
	if w.s.topReady() > limit {
		return nil, false
	}
	// With t in its queue first, its list does not become empty in between.
	w.enqueue(t, s, front)
	if w.account != nil {
		w.account.endAt(t.readyAt)
	}
	if w.log != nil {
		w.logEnd(w.logTimeOf(t))
	}
	if next = w.pick(limit); next != nil && next != t {
		w.give(next)
		return next, false
	}
	// Others have just taken what there was.
	if next == nil {
		w.queue.unlink(t)
	}
	t.where.Store(at(Running, w.index))
	w.resumeTurn(t)
	return nil, false
}

// rotate is pass for w's task t, which yields, where that is simple: the next ready task is
// t's equal, in w's queue, and has run before, as of those that take turns. It and t change
// places. It returns nil where that isn't so, and has done nothing. The caller has locked w.
func (w *worker) rotate(t *Task) (next *Task) {
	p := t.Priority()
	l := &w.queue.lists[p]
	next = l.first
	if next == nil || next.Priority() != p || next.fiber == nil {
		return nil
	}
	if w.preempt.Load() != preemptNone || w.lent != nil {
		return nil
	}
	if Priority(w.level.Load()) != p {
		return nil // somebody else is just putting t's priority in force
	}
	if w.queue.any(p.higher()) || w.s.shared.queue.any(p.notLower()) || w.richest(p) != nil {
		return nil
	}
	t.where.Store(at(Ready, w.index))
	t.stamp, t.queued, t.slice = w.s.arrivals.Load(), p, timeSlice{}
	l.rotate(t)
	l.prefetch()
	w.s.monitor.entered(t)
	next.where.Store(at(Running, w.index))
	w.note(event.Yielded)
	if w.account != nil {
		w.account.endAt(t.readyAt)
		w.account.begin(next)
	}
	if w.log != nil {
		now := w.logTimeOf(t)
		w.logEnd(now)
		w.logBegin(next, now)
	}
	w.seat(next)
	return next
}

// spreadMost bounds the tasks that are spread in one look.
const spreadMost = 64

// spread moves the tasks that wait in w's queue behind a task of higher priority to the
// shared queue. From there other workers take them in their turn, when the slices of their
// equals end; out of w's queue they would take none. The caller has locked w.
func (w *worker) spread() {
	level, q := Priority(w.level.Load()), &w.s.shared
	for range spreadMost {
		p := w.queue.below(level)
		if p == None {
			return
		}
		t := w.queue.pop(p)
		q.Lock.Lock()
		w.s.insertShared(t, t.state(), t.slice.used > 0)
		w.s.monitor.starvation.move(t, p) // its priority may just have changed
		q.Unlock()
	}
}

// fill gives w, which has no task any more, to the next: to its lender, or to the first
// ready one, which it returns. If it returns nil, the lender has w, or it is vacant. The
// caller has locked w.
//
// It does not wait for queues that are locked by others: one of them may wait for the
// caller to get off its stack.
func (w *worker) fill() (next *Task) {
	if w.repay() {
		return nil
	}
	if next = w.pick(Low); next == nil {
		return w.becomeVacant()
	}
	w.give(next)
	return next
}

// becomeVacant is fill where no task was found: it makes w vacant, or gives it to its lender,
// if what came before that has just been taken by others, or to a task that has become ready
// just now.
func (w *worker) becomeVacant() (next *Task) {
	for range 2 {
		if w.repay() {
			return nil
		}
		w.vacate()
		w.s.vacant.add(w)
		// A task that was made ready before found no vacant worker: look for it.
		if w.s.topReady() == None {
			w.s.idled()
			return nil
		}
		if !w.s.vacant.remove(w) {
			return nil // somebody else has taken w for it
		}
		if next = w.pick(Low); next != nil {
			w.give(next)
			return next
		}
	}
	w.s.vacant.add(w)
	w.s.monitor.wakeAt(0) // it tries again
	return nil
}

// enqueue puts t, which the caller owns or which has w, into w's queue. The caller
// has locked w.
func (w *worker) enqueue(t *Task, s State, front bool) {
	if front {
		t.where.Store(at(s, w.index))
		w.queue.pushFront(t)
		w.s.monitor.entered(t)
	} else if w.insert(t, s) {
		w.queue.publish()
	}
}

// insert is enqueue at the end of the list, which publish follows if it reports true.
func (w *worker) insert(t *Task, s State) (first bool) {
	t.where.Store(at(s, w.index))
	// Equal to the stamp of the last task that came to the shared queue, and so after it.
	first = w.queue.append(t, w.s.arrivals.Load())
	w.s.monitor.entered(t)
	return first
}
