package sched

import (
	"sync"
	"sync/atomic"
	"time"
)

// idleDelay is for how long a fiber with a slot, and then the slot, is left as it is when
// nobody uses it, and for how much longer at most.
const idleDelay = int64(time.Second)

// idleSlots ends fibers that have been idle for some time, and has slots that were free for
// some time give their memory back. It is for schedulers with slots: stacks of Go's own are
// the collector's to shrink.
type idleSlots struct {
	s *Scheduler
	// state is idleNothing, idleSome or idleSearch. Who finds nothing in it has the Monitor
	// start a search, and the search decides on the next.
	state atomic.Int32
	// due is when the Monitor starts a search, 0 if it has not planned one. Its own.
	due int64
	// searching is the search that goes on.
	searching sync.WaitGroup
}

const (
	idleNothing int32 = iota // there is nothing to look for
	idleSome                 // a search is due after idleDelay
	idleSearch               // a search goes on
)

// note says that a fiber has become idle, after that: a search that goes on looks again once
// it has said that it ends.
func (i *idleSlots) note() {
	if i.s.config.Slots != nil && i.state.Load() == idleNothing && i.state.CompareAndSwap(idleNothing, idleSome) {
		i.s.monitor.wakeAt(Now() + idleDelay)
	}
}

// look starts a search if one is due, and returns when to look again. It is the Monitor's.
func (i *idleSlots) look(at int64) (next int64) {
	if i.state.Load() != idleSome {
		return never
	}
	if i.due == 0 {
		i.due = at + idleDelay
	}
	if at < i.due {
		return i.due
	}
	i.due = 0
	i.state.Store(idleSearch)
	i.searching.Add(1)
	go i.search()
	return never
}

// late reports whether a search must be planned before next, by the rules of
// monitor.late.
func (i *idleSlots) late(next, at int64) bool {
	return i.state.Load() == idleSome && next > at+idleDelay
}

// search is one search.
func (i *idleSlots) search() {
	defer i.searching.Done()
	more := false
	end := func(f *fiber) {
		more = more || f != nil // their slots become free
		for f != nil {
			next := f.below
			f.below = nil
			f.Ready() // without a task, it ends
			f = next
		}
	}
	for _, w := range i.s.workers {
		w.Lock.Lock()
		rested := w.fibers.cut()
		more = more || w.fibers.n > 0
		w.Unlock()
		end(rested)
	}
	p := &i.s.fibers
	p.lock.Lock()
	rested := p.cut()
	more = more || p.n > 0
	p.lock.Unlock()
	end(rested)
	if i.s.config.Slots.Clean() || more {
		i.state.Store(idleSome)
		i.s.monitor.wakeAt(Now() + idleDelay)
		return
	}
	i.state.Store(idleNothing)
	if i.some() {
		i.note()
	}
}

// some reports whether a fiber is idle: one that has become so during a search has not said
// so.
func (i *idleSlots) some() bool {
	for _, w := range i.s.workers {
		w.Lock.Lock()
		n := w.fibers.n
		w.Unlock()
		if n > 0 {
			return true
		}
	}
	p := &i.s.fibers
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.n > 0
}
