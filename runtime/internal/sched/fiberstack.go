package sched

// A fiberStack holds idle fibers, the last used on top. Its owner has it locked.
type fiberStack struct {
	top *fiber
	n   int
	// rested is how many at the bottom were not taken since cut was last called.
	rested int
}

// push puts f, which is in no other, on top.
func (s *fiberStack) push(f *fiber) {
	f.below, s.top = s.top, f
	s.n++
}

// pop takes the top, nil if there is none.
func (s *fiberStack) pop() *fiber {
	f := s.top
	if f == nil {
		return nil
	}
	s.top, f.below = f.below, nil
	s.n--
	if s.n < s.rested {
		s.rested = s.n
	}
	return f
}

// cut takes those that were not taken since it was last called, linked by below.
func (s *fiberStack) cut() *fiber {
	last := &s.top
	for range s.n - s.rested {
		last = &(*last).below
	}
	rested := *last
	*last = nil
	s.n -= s.rested
	s.rested = s.n
	return rested
}
