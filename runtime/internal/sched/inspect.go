package sched

// What follows lets tests of the layer above see what they can't see from there.

// Displaced reports whether t has lost its worker to a more urgent task and has not been
// stopped.
func (t *Task) Displaced() bool {
	return t.where.Load() == at(Preempted, t.s.outside.index)
}

// Parked reports whether t is blocked in a wait, which whoever claims it ends by waking t.
func (t *Task) Parked() bool { return t.Waits() && t.settled() }

// StackAsked reports whether t is asked to measure its stack, as those always are that
// measure it at each safepoint.
func (t *Task) StackAsked() bool { return t.stackAsked() }

// Overflowed reports whether t, which calls it, has overflowed and has not been seen to
// have recovered.
func (t *Task) Overflowed() bool {
	s := t.fiber.stack()
	return s != nil && s.overflow != 0
}

// MonitorRests reports whether the Monitor is blocked until it is woken.
func (s *Scheduler) MonitorRests() bool { return s.monitor.planned.Load() == never }

// RestWorker puts a vacant worker to rest, as the end of a task of high priority does.
func (s *Scheduler) RestWorker() {
	if w := s.takeVacant(Critical); w != nil {
		w.Lock.Lock()
		w.restFor(Critical)
		w.Unlock()
		s.afterRest(Critical)
	}
}

// Resting returns how many workers rest.
func (s *Scheduler) Resting() int { return int(s.vacant.resting.Load()) }
