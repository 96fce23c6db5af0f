package sched

import (
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// idleDelay is for how long a fiber, and then its slot, is left as it is when nobody uses it,
// and for how much longer at most.
const idleDelay = time.Second

// idlers ends fibers that have been idle for some time, and has slots that were free for
// some time give their memory back. Where there are slots no idle fiber stays. Stacks of Go's
// own are the collector's to shrink: of these idleFibers stay.
//
// So when many tasks end, each goes on to the next one by a switch, and leaves its fiber to
// those that are started in the next second.
type idlers struct {
	s *Scheduler
	// least is how many fibers a stack of them keeps. Fixed.
	least int
	// wanted is set while a search is due or goes on. Who finds it clear has one made, and
	// the search decides on the next.
	wanted atomic.Bool

	lock   arch.Lock
	timer  *time.Timer // of the search that is due
	closed bool
	// searches counts the searches that are due or go on.
	searches sync.WaitGroup
}

func (i *idlers) open(s *Scheduler) {
	i.s = s
	if slots := s.config.Slots; slots != nil {
		slots.OnFree = i.want
	} else {
		i.least = idleFibers
	}
	i.timer = time.AfterFunc(time.Hour, i.search)
	i.timer.Stop()
}

// close ends the searches. All fibers have ended.
func (i *idlers) close() {
	i.lock.Lock()
	i.closed = true
	if i.timer.Stop() {
		i.searches.Done()
	}
	i.lock.Unlock()
	i.searches.Wait()
}

// note says that a stack holds n fibers, after that: a search that goes on looks again once
// it has said that it ends. Slots say want when they are free.
func (i *idlers) note(n int) {
	if n > i.least {
		i.want()
	}
}

// want is note where there is something to search for: apart, so that note is inlined.
func (i *idlers) want() {
	if !i.wanted.Load() && i.wanted.CompareAndSwap(false, true) {
		i.plan()
	}
}

// plan has a search made after idleDelay.
func (i *idlers) plan() {
	i.lock.Lock()
	if !i.closed {
		i.searches.Add(1)
		i.timer.Reset(idleDelay)
	}
	i.lock.Unlock()
}

// search is one search.
func (i *idlers) search() {
	defer i.searches.Done()
	i.each(func(lock *arch.Lock, s *fiberStack) {
		lock.Lock()
		n := s.rest(i.least)
		lock.Unlock()
		i.end(lock, s, n)
	})
	if more := i.clean(); i.any() || more {
		i.plan()
		return
	}
	i.wanted.Store(false)
	if i.any() || i.clean() { // what has come since has found a search going on
		i.want()
	}
}

// clean has the slots give their memory back that are free since the last search, and
// reports whether there are others.
func (i *idlers) clean() (more bool) {
	slots := i.s.config.Slots
	return slots != nil && slots.Clean()
}

// endAtATime is how many fibers are ended before others get their turn.
const endAtATime = 64

// end ends n fibers of s, but for those that are needed meanwhile.
func (i *idlers) end(lock *arch.Lock, s *fiberStack, n int) {
	for k := range n {
		var f *fiber
		lock.Lock()
		if s.n > i.least {
			f = s.pop()
		}
		lock.Unlock()
		if f == nil {
			return
		}
		f.Ready() // without a task, it ends
		if k%endAtATime == endAtATime-1 {
			goruntime.Gosched()
		}
	}
}

// any reports whether there are fibers to be ended later.
func (i *idlers) any() (found bool) {
	i.each(func(lock *arch.Lock, s *fiberStack) {
		lock.Lock()
		found = found || s.n > i.least
		lock.Unlock()
	})
	return found
}

// each calls f with all that holds idle fibers, and its lock.
func (i *idlers) each(f func(*arch.Lock, *fiberStack)) {
	for _, w := range i.s.workers {
		f(&w.Lock, &w.fibers)
	}
	p := &i.s.fibers
	f(&p.lock, &p.fiberStack)
}
