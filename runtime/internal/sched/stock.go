package sched

import "github.com/gvthread/gvthread/arch"

// stockSize is how many fibers are started at a time for tasks that wait.
const stockSize = 64

// stock starts fibers ahead, for the tasks that wait behind one of priority p, which is about
// to run on a new one itself: if there are many, and all of them need one. The next of them
// are then resumed by direct switches, as others are. Each that starts a fiber when it leaves
// its worker does so with the worker locked, and goes through Go's scheduler, which wakes
// another OS thread for each.
//
// The caller is a fiber that has a task, and is not on it yet: so there is room on its stack,
// and the scheduler is not closed meanwhile. Its own task waits no longer than others of its
// priority do.
func (s *Scheduler) stock(p Priority) {
	if s.config.Schedule != nil || !s.wantsStock(p) || !s.coming.CompareAndSwap(0, stockSize) {
		return
	}
	s.fibers.alive.Add(stockSize)
	for range stockSize {
		s.newFiber().launch()
	}
}

// wantsStock reports whether so many tasks of priority p are in the shared queue, and, as far
// as the first and the last of them tell, none of them has a fiber.
func (s *Scheduler) wantsStock(p Priority) bool {
	q := &s.shared
	if q.queue.top() > p || s.coming.Load() != 0 {
		return false
	}
	q.Lock.Lock()
	l := &q.queue.lists[p]
	wants := l.n >= stockSize && l.first.fiber == nil && l.last.fiber == nil
	q.Unlock()
	return wants
}

// awaitTask makes f, which stock has started, wait for a task. It returns when f has one, or has
// none and is to end.
func (f *fiber) awaitTask() {
	arch.Pin()
	f.BeginPark()
	idle := f.s.fibers.put(f)
	f.s.coming.Add(-1)
	if idle {
		f.Park(nil)
	} else {
		f.Stay()
		arch.Unpin()
	}
}
