package sched

import (
	"time"

	"github.com/gvthread/gvthread/arch"
)

// A view is what the Monitor has seen of a worker.
type view struct {
	worker *worker
	task   *Task  // nil also if the Monitor has slept for long since: see forget
	turn   uint64 // which tells the task, too
	// now is when the Monitor looked last, since when it first saw this turn.
	now, since int64
	// asked is when it first saw that the task was asked to yield, and has not answered;
	// 0 if it was not. ran is the processor time that the task's OS thread had had then.
	asked, ran int64
	// blocked is when it first saw the task blocked in Go; 0 if it is not.
	blocked int64
	// runs says that the task was not blocked in Go when the Monitor looked last.
	runs bool
}

const (
	// blockedLeast is for how long a task must be seen in a system call before its worker
	// is taken away from it: most are shorter than what getting a worker back costs.
	blockedLeast = 500 * time.Microsecond
	// stuckLeast is for how long a task that is to make way for a higher one must have
	// been without a core, while the Monitor slept.
	stuckLeast = 100 * time.Microsecond
)

// watch looks after one worker and returns when to look again. top is the highest
// priority that is ready.
func (m *monitor) watch(w *worker, v *view, now int64, top Priority) int64 {
	w.Lock.Lock()
	next, more := m.watchLocked(w, v, now, top)
	w.Unlock()
	resume(more)
	return next
}

// watchLocked is watch with w locked. It returns a task that has got w, which is to be
// resumed.
func (m *monitor) watchLocked(w *worker, v *view, now int64, top Priority) (next int64, got *Task) {
	gap := now - v.now
	v.now = now
	t := w.cur
	w.forgetLent()
	if t == nil {
		w.acknowledge() // asked too late: safepoints would go on to look for it
		v.task = nil
		return never, nil
	}
	if len(m.s.workers) > 1 {
		w.spread()
	}
	if l := w.lent; l != nil {
		top = min(top, l.Priority()) // it waits, too, in no queue
	}
	same := v.turn == w.turn
	used := t.slice.charge(gap, same)
	m.shares.charge(t.inherited(), gap, same)
	if !same {
		*v = view{worker: w, turn: w.turn, now: now, since: now}
	}
	v.task = t
	v.runs = !t.blockedInGo()
	if t.fiber.request() != nil {
		next = m.followUp(t, now)
	} else {
		next = never
	}
	if t.budget != nil {
		next = min(next, m.chargeBudget(w, now, gap, same))
	}
	if top == None && w.preempt.Load() == preemptNone {
		v.asked, v.blocked = 0, 0
		return next, nil
	}
	next = min(next, m.endSlice(w, v, used, top))
	if !m.s.native && w.preempt.Load() == preemptNone {
		w.ask(preemptProbe)
		v.asked = 0
	}
	if w.preempt.Load() == preemptNone {
		v.asked = 0
	} else if v.asked == 0 {
		v.asked = now
		v.ran = t.ran()
	}
	due, got := m.press(w, v, now)
	return min(next, due), got
}

// endSlice asks w's task to yield if its slice is over, and returns when that will be.
func (m *monitor) endSlice(w *worker, v *view, used int64, top Priority) (next int64) {
	p := w.cur.inherited()
	slice := int64(m.s.config.Slices[p])
	if w.cur.marks.has(markBoosted) {
		used = v.now - v.since
		if boost := int64(m.s.config.boost()); slice < boost || !m.shares.owed(p) {
			slice = boost
		}
	}
	short := slice < 4*int64(tick)
	if !short {
		slice -= int64(tick) / 2 // it ends with the nearest of the regular looks
	}
	switch {
	case used < slice && short:
		return v.now + slice - used
	case used < slice:
	// What has ended here, a slice or a boost, makes room for equals. It isn't for the end
	// of a slice to say who makes way for a task of higher priority.
	case w.cur.Priority() <= top && top <= w.cur.inherited():
		w.ask(preemptSlice)
	}
	return never
}

// press deals with a task that others wait for, or that is asked to yield: it takes the
// worker away if the task is blocked in Go, and has the task stopped if it has not yielded
// when asked. The caller has locked w.
func (m *monitor) press(w *worker, v *view, now int64) (next int64, got *Task) {
	t := v.task
	if !m.s.native {
		return m.pressPortable(w, v, now)
	}
	urgent := v.asked != 0 && w.preempt.Load() >= preemptSeen
	switch status := t.fiber.Status(); status {
	case arch.StatusBlocked, arch.StatusSyscall:
		if v.blocked == 0 {
			v.blocked = now
		}
		if due := v.blocked + int64(blockedLeast); status == arch.StatusSyscall && !urgent && now < due {
			return due, nil
		}
		return m.take(w, v, now, Low)
	case arch.StatusRunning:
		v.blocked = 0
		if v.asked == 0 || !m.s.canForce {
			return never, nil
		}
		if due := v.asked + int64(m.s.config.Grace); now < due && !t.hearing.deaf() {
			return due, nil
		}
		ran := t.ran()
		if urgent && now-v.asked >= int64(stuckLeast) && v.ran >= 0 && v.ran == ran {
			// It has no core, and answers no signal before it has one.
			return m.take(w, v, now, t.Priority().above())
		}
		if had := ran - v.ran; v.ran >= 0 && ran >= 0 && had < int64(m.s.config.Grace) && !t.hearing.deaf() {
			// Without a core it could not reach a safepoint, and when it has one again the
			// signal would be there first.
			return now + int64(m.s.config.Grace) - had, nil
		}
		if t.fiber.request() == nil {
			if tid := t.request(now); tid != 0 {
				m.finds.signals = append(m.finds.signals, tid)
				return now + int64(pollTick), nil
			}
		}
		return now + int64(tick), nil
	}
	// In one of Go's queues: it will run in a moment, and has to be asked again then. But
	// where Ps are scarce it may be there whenever the Monitor, which has one, looks.
	v.blocked = 0
	if urgent && m.s.canForce {
		return m.take(w, v, now, t.Priority().above())
	}
	return now + int64(tick), nil
}

// pressPortable deals with a task that others wait for where the engine can't tell what it
// does: one that gives no sign of life for a tick is blocked in Go, or computes without a
// safepoint. Either way it goes on without its worker, under Go's scheduler.
func (m *monitor) pressPortable(w *worker, v *view, now int64) (next int64, got *Task) {
	if v.asked == 0 {
		return never, nil
	}
	if due := v.asked + int64(tick); now < due {
		return due, nil
	}
	t := v.task
	t.stray()
	if next, got = m.take(w, v, now, Low); got == nil {
		t.found()
	}
	return next, got
}

// take takes w, which the caller has locked, from v's task, for a ready one of a priority
// of at least limit.
func (m *monitor) take(w *worker, v *view, now int64, limit Priority) (next int64, got *Task) {
	m.inspect(v.task, now) // it may be growing its stack: what it does next may be to fill it
	got, ok := w.seize(v.task, limit, limit != Low)
	if !ok {
		return now + int64(tick), nil
	}
	v.task = nil
	// The next one may do as this one did.
	return now + int64(pollTick), got
}

// ran returns the processor time of the OS thread that t, whose worker is locked, runs on;
// -1 if that can't be known.
func (t *Task) ran() int64 {
	if tid := t.fiber.Thread(); tid != 0 {
		return processorTime(tid)
	}
	return -1
}
