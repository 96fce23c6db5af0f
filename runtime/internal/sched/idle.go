package sched

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// idleDelay is for how long a fiber with a slot, and then the slot, is left as it is when
// nobody uses it, and for how much longer at most.
const idleDelay = time.Second

// idleSlots ends fibers that have been idle for some time, and has slots that were free for
// some time give their memory back. It is for schedulers with slots: stacks of Go's own are
// the collector's to shrink.
type idleSlots struct {
	s *Scheduler
	// wanted is set while a search is due or goes on. Who finds it clear has one made, and
	// the search decides on the next.
	wanted atomic.Bool

	lock   arch.Lock
	timer  *time.Timer // of the search that is due
	closed bool
	// searches counts the searches that are due or go on.
	searches sync.WaitGroup
}

func (i *idleSlots) open(s *Scheduler) {
	i.s = s
	if s.config.Slots != nil {
		i.timer = time.AfterFunc(time.Hour, i.search)
		i.timer.Stop()
	}
}

// close ends the searches. All fibers have ended.
func (i *idleSlots) close() {
	if i.timer == nil {
		return
	}
	i.lock.Lock()
	i.closed = true
	if i.timer.Stop() {
		i.searches.Done()
	}
	i.lock.Unlock()
	i.searches.Wait()
}

// note says that a fiber has become idle, after that: a search that goes on looks again once
// it has said that it ends.
func (i *idleSlots) note() {
	if i.timer != nil {
		i.want()
	}
}

// want is note where there are slots: apart, so that note is inlined.
func (i *idleSlots) want() {
	if !i.wanted.Load() && i.wanted.CompareAndSwap(false, true) {
		i.plan()
	}
}

// plan has a search made after idleDelay.
func (i *idleSlots) plan() {
	i.lock.Lock()
	if !i.closed {
		i.searches.Add(1)
		i.timer.Reset(idleDelay)
	}
	i.lock.Unlock()
}

// search is one search.
func (i *idleSlots) search() {
	defer i.searches.Done()
	rested := make([]*fiber, 0, FibersFor(0, len(i.s.workers))) // room for all: locks are held
	more := false
	i.each(func(s *fiberStack) {
		rested = s.cut(rested)
		more = more || s.n > 0
	})
	for _, f := range rested {
		f.Ready()   // without a task, it ends
		more = true // its slot becomes free
	}
	if i.s.config.Slots.Clean() || more {
		i.plan()
		return
	}
	i.wanted.Store(false)
	i.each(func(s *fiberStack) { more = more || s.n > 0 })
	if more {
		i.note()
	}
}

// each calls f with all that holds idle fibers, locked.
func (i *idleSlots) each(f func(*fiberStack)) {
	for _, w := range i.s.workers {
		w.Lock.Lock()
		f(&w.fibers)
		w.Unlock()
	}
	p := &i.s.fibers
	p.lock.Lock()
	f(&p.fiberStack)
	p.lock.Unlock()
}
