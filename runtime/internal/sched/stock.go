package sched

// stockSize is how many fibers are started at a time for tasks that wait.
const stockSize = 64

// stock starts fibers ahead, for the tasks that wait behind one of priority p, which is about
// to run on a new one itself: if there are many, and all of them need one. They are idle at
// once, and may be given tasks before their goroutines have first run; these run when a task
// parks for one of them, and the tasks after that are resumed by direct switches, as others are.
// A task that starts a fiber when it leaves its worker does so with the worker locked, and goes
// through Go's scheduler, which wakes another OS thread for each.
//
// The caller is a fiber that has a task, and is not on it yet: so there is room on its stack,
// and the scheduler is not closed meanwhile. Its own task waits no longer than others of its
// priority do.
func (s *Scheduler) stock(p Priority) {
	if !s.wantsStock(p) || !s.stocking.CompareAndSwap(false, true) {
		return
	}
	s.fibers.alive.Add(stockSize)
	for range stockSize {
		f := s.newFiber()
		f.Expect()
		f.launch()
		s.fibers.put(f)
	}
	s.stocking.Store(false)
}

// wantsStock reports whether so many tasks of priority p are in the shared queue, and, as far
// as the first and the last of them tell, none of them has a fiber.
func (s *Scheduler) wantsStock(p Priority) bool {
	q := &s.shared
	if !s.native || s.config.Schedule != nil || q.queue.top() > p {
		return false
	}
	q.Lock.Lock()
	l := &q.queue.lists[p]
	wants := l.n >= stockSize && l.first.fiber == nil && l.last.fiber == nil
	q.Unlock()
	return wants
}
