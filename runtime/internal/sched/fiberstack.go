package sched

// A fiberStack holds idle fibers, the last used on top. Its owner has it locked.
type fiberStack struct {
	list []*fiber // the first n
	n    int
	// rested is how many at the bottom were not taken since cut was last called.
	rested int
}

// newFiberStack makes one with room for so many.
func newFiberStack(room int) fiberStack { return fiberStack{list: make([]*fiber, room)} }

// full reports whether there is no room for another.
func (s *fiberStack) full() bool { return s.n >= len(s.list) }

// push puts f, which is in no other, on top. There is room.
func (s *fiberStack) push(f *fiber) {
	s.list[s.n] = f
	s.n++
}

// pop takes the top, nil if there is none.
func (s *fiberStack) pop() *fiber {
	if s.n == 0 {
		return nil
	}
	s.n--
	f := s.list[s.n]
	s.list[s.n] = nil
	if s.n < s.rested {
		s.rested = s.n
	}
	return f
}

// cut takes those that were not taken since it was last called, and appends them to rested.
func (s *fiberStack) cut(rested []*fiber) []*fiber {
	rested = append(rested, s.list[:s.rested]...)
	copy(s.list, s.list[s.rested:s.n])
	clear(s.list[s.n-s.rested : s.n])
	s.n -= s.rested
	s.rested = s.n
	return rested
}
