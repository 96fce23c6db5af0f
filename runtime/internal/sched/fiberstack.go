package sched

// A fiberStack holds idle fibers, the last used on top. Its owner has it locked.
type fiberStack struct {
	top *fiber
	n   int
	// rested is how many have not been needed since rest was last called: so many were left
	// whenever one was taken.
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

// rest returns how many have not been needed since it was last called, but for the least
// that are to stay. The caller takes these off, as far as they are still there.
func (s *fiberStack) rest(least int) (n int) {
	n = max(0, min(s.rested, s.n-least))
	s.rested = s.n - n
	return n
}
