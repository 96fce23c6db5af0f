package sched

import "github.com/gvthread/gvthread/arch"

// Make puts t, which the caller owns and which is nowhere, into a queue, and resumes
// the task that has got a worker by that, mostly t, if one has. s is New or Ready.
//
// A task that the running one wakes stays with its worker for a moment, even if another
// is vacant: mostly the running one is about to wait, and the two go on by a direct
// switch. A second one is offered to others at once.
func (t *Task) Make(s State) { t.MakeBy(Current(), s) }

// MakeBy is Make for callers that know who they are: by is the calling task, nil if the
// caller is a plain goroutine.
func (t *Task) MakeBy(by *Task, s State) {
	arch.Pin()
	t.ready(by, s)
}

// ready is MakeBy for callers who are pinned, which it ends. t may stand for a plain
// goroutine, too.
//
// A task that stays with the waker is left to the Monitor, if that is awake: it takes the
// worker's lock before it blocks (overlooked), and so finds the task, or is found asleep. What
// others may see of the queue is published only if they are to be looked at.
//
// Budget: one locked instruction in a task of the scheduler, for the worker's lock; and
// where t does not stay, one for the barrier with which the queue is no longer empty.
func (t *Task) ready(by *Task, s State) {
	if by == nil || by.s != t.s {
		t.readyElsewhere(s)
		return
	}
	w := by.fiber.lockWorkerPinned(by)
	if w == nil {
		t.readyElsewhere(s)
		return
	}
	first := w.insert(t, s)
	if w.log != nil {
		w.logWake(t)
	}
	p := t.queued
	alone := len(w.s.workers) == 1 || w.queue.n == 1 && w.s.vacant.n.Load() > 0
	if alone && p >= by.Priority() {
		w.UnlockPinned()
		w.s.monitor.attend() // there is no other that would do better
	} else {
		if first {
			w.queue.publish()
		}
		w.UnlockPinned()
		resume(w.s.expedite(p, w))
	}
	arch.Unpin()
}

// readyElsewhere is ready where the caller has no worker of t's scheduler.
func (t *Task) readyElsewhere(s State) {
	if t.s == nil {
		t.fiber.Ready()
	} else {
		resume(t.s.readyShared(t, s))
	}
	arch.Unpin()
}

// readyShared puts t, which the caller owns, at the end of the shared queue. The caller
// resumes next. It is pinned.
func (s *Scheduler) readyShared(t *Task, state State) (next *Task) {
	return s.expedite(s.pushShared(t, state, false), nil)
}

// pushShared puts t, which the caller owns, into the shared queue: at the end, or at
// the front if it has not had all of its slice. It returns the priority that t is queued
// with: one that changes later is offered by the side that changes it.
func (s *Scheduler) pushShared(t *Task, state State, front bool) (p Priority) {
	q := &s.shared
	q.Lock.Lock()
	s.insertShared(t, state, front)
	s.monitor.entered(t)
	p = t.queued
	q.Unlock()
	return p
}

// insertShared is pushShared, with the lock of the shared queue, for a task that may have
// been ready before.
func (s *Scheduler) insertShared(t *Task, state State, front bool) {
	t.where.Store(at(state, s.shared.index))
	if front {
		s.shared.queue.pushFront(t)
	} else {
		s.shared.queue.push(t, s.arrivals.Add(1))
	}
}

// entered notes that t was just put into a queue, whose lock the caller has.
func (m *monitor) entered(t *Task) {
	t.readyAt = m.clock()
	t.fed = m.starvation.clocks[t.queued].Load()
}

// publish is called after a task of priority p was put into a queue: it sees to it that the
// task runs if it should run now, and that the Monitor watches over it if it has to wait.
func (s *Scheduler) publish(p Priority) {
	if !s.fillVacant(p) {
		s.askFor(p)
	}
}

// fillVacant gives a vacant worker, if a task of priority p may have one, to a ready task,
// and reports whether there was one. It is pinned: what has got a worker is resumed at once.
func (s *Scheduler) fillVacant(p Priority) bool {
	arch.Pin()
	defer arch.Unpin()
	w := s.takeVacant(p)
	if w == nil {
		return false
	}
	resume(w.employ())
	return true
}

// askFor asks a worker to make way for a task of priority p, if one runs a lower one, and
// has the Monitor look after that, or after the task, which waits.
func (s *Scheduler) askFor(p Priority) {
	if s.askLowest(p) != nil {
		s.monitor.preempting()
	} else {
		s.monitor.attend()
	}
}

// offerBehind offers the task of priority p that has just passed w on, and is in its
// queue. It is left there for a moment if it is alone: if it has yielded to an equal,
// the two go on to take turns. The caller has locked w, and so can't give the task away
// itself: the Monitor does.
func (s *Scheduler) offerBehind(w *worker, p Priority, displaced bool) {
	if s.vacant.n.Load() > 0 {
		if displaced || w.queue.n > 1 {
			s.monitor.wakeAt(0)
		} else {
			s.monitor.attend()
		}
		return
	}
	if len(s.workers) == 1 {
		s.monitor.attend() // there is no other to be asked
		return
	}
	s.askFor(p)
}

// expedite is publish for a caller that may wait a little, and has the worker own, or
// none: it has the worker that is asked make way at once, or another that can do so
// sooner. What can't be done at once is left to the Monitor. The caller resumes next.
//
// It saves the way through the Monitor; and what the caller makes runnable is next in
// line on its own P, which a goroutine that goes on to wait for it vacates.
func (s *Scheduler) expedite(p Priority, own *worker) (next *Task) {
	if w := s.takeVacant(p); w != nil {
		return w.employ()
	}
	if own == nil && s.native {
		if next, ok := s.takeBlocked(); ok {
			return next
		}
	}
	w := s.askLowest(p)
	switch {
	case w == nil:
		s.monitor.attend()
		return nil
	case w == own:
		return nil // the caller's next safepoint answers
	case s.native:
		if next, made := s.makeWay(w, own); made {
			return next
		}
	}
	s.monitor.preempting()
	return nil
}
