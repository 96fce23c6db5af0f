package gv

// A timeSlice is what a thread has had of its slice, as far as the Monitor has
// seen. A slice begins with the thread's first turn after it has been at the end of
// a queue, and may have many turns: a thread that makes way for a more urgent one
// before its slice is over goes on with it after. If that began anew each time, and
// urgent threads came often, the equals of the first would never have a turn.
type timeSlice struct {
	begun bool
	used  int64
}

// charge notes that the Monitor sees the thread on a worker, at which it last
// looked gap before, and returns how much of the slice is used. same says that the
// turn is the one of then. In another turn the thread has had some of the gap, or,
// as often as not, of one at whose end it was not seen: on the whole it comes out
// right.
func (s *timeSlice) charge(gap int64, same bool) (used int64) {
	switch {
	case same:
		s.used += gap
	case s.begun:
		s.used += min(gap, int64(tick))
	}
	s.begun = true
	return s.used
}
