package sched

// A timeSlice is what a task has had of its slice, as far as the Monitor has seen. A
// slice begins with the task's first turn after it has been at the end of a queue,
// and may have many turns: a task that makes way for a more urgent one before its
// slice is over goes on with it after. If that began anew each time, and urgent tasks
// came often, the equals of the first would never have a turn.
type timeSlice struct {
	used int64 // and 1 more; 0: it has not begun
}

// charge notes that the Monitor sees the task on a worker, at which it last looked
// gap before, and returns how much of the slice is used. same says that the turn is
// the one of then. In another turn the task has had some of the gap, or, as often as
// not, of one at whose end it was not seen: on the whole it comes out right.
func (s *timeSlice) charge(gap int64, same bool) (used int64) {
	switch {
	case same:
		s.used += gap
	case s.used > 0:
		s.used += min(gap, int64(tick))
	}
	s.used = max(s.used, 1)
	return s.used - 1
}
