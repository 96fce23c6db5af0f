package gv

import (
	goruntime "runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// processors raises GOMAXPROCS for the runtimes that are open and puts it back
// when the last of them closes.
//
// Go's scheduler has to find a P for whoever wakes up while every worker is
// busy: the Monitor, which keeps its own, and the program's goroutines. And the
// operating system has to find a core for it: for as long, it is asked for short
// time slices.
var processors processorCount

type processorCount struct {
	lock sync.Mutex
	// open has a share for each runtime that is open.
	open []*processorShare
	// now is the choice of the program's that stands, and past the one before it,
	// with the number 0 if there was none.
	now, past processorChoice
	// slices is what asking for short slices failed with.
	slices error
	// threads is how many OS threads there were when they were last asked for.
	threads atomic.Int64
}

// A processorChoice is a number of Ps that the program has chosen, while no runtime
// was open or since.
type processorChoice struct {
	number int
	// before is what the program has chosen, and set what GOMAXPROCS was set to here
	// last, for the runtimes that were opened under the choice.
	before, set int
	// limits are those by which Go has chosen before, empty if the program has: see
	// processorlimits.go.
	limits string
}

// A processorShare is what one runtime asks for.
type processorShare struct {
	workers int
	// choice is the number of the choice that stood when the runtime was opened. The
	// share ends with the choice.
	choice int
}

// extra is how many Ps a runtime needs besides those of its workers: one for
// the Monitor, one for plain goroutines, and one for the garbage collector, which
// would otherwise have the goroutines' for as long as it marks.
const extra = 3

// raise raises GOMAXPROCS for a runtime of that many workers, until lower.
func (p *processorCount) raise(workers int) *processorShare {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.notice()
	if !p.sharedLocked() {
		p.askGo()
	}
	s := &processorShare{workers, p.now.number}
	p.open = append(p.open, s)
	p.apply()
	if len(p.open) == 1 {
		p.threads.Store(int64(arch.OSThreads()))
		p.slices = arch.ShortenSlices()
	}
	return s
}

// lower takes s back.
func (p *processorCount) lower(s *processorShare) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.notice()
	p.open = slices.DeleteFunc(p.open, func(other *processorShare) bool { return other == s })
	if len(p.open) == 0 && p.slices == nil {
		p.slices = arch.RestoreSlices()
	}
	p.apply()
}

// chosen returns the number of Ps that the program has chosen: GOMAXPROCS, but not
// what was added to it here.
func (p *processorCount) chosen() int {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.notice()
	return p.now.before
}

// notice looks for a choice of the program's: it stands, also for what is already
// open.
//
// To put back what GOMAXPROCS was set to here is no choice: a program that sets it
// for a while and then to what it was, has read that number and not chosen it.
func (p *processorCount) notice() {
	switch n := goruntime.GOMAXPROCS(0); {
	case len(p.open) == 0:
		p.now = processorChoice{number: p.now.number + 1, before: n, set: n}
		p.past = processorChoice{}
	case n == p.now.set:
	case n == p.past.set && p.past.number != 0:
		for _, s := range p.open {
			if s.choice == p.now.number {
				s.choice = p.past.number
			}
		}
		p.now, p.past = p.past, processorChoice{}
		p.apply()
	default:
		p.past = p.now
		p.now = processorChoice{number: p.now.number + 1, before: n, set: n}
	}
}

// apply sets GOMAXPROCS to what the choice and the shares in it come to, or leaves it to Go
// if there are none, and the choice is Go's.
func (p *processorCount) apply() {
	if p.now.limits != "" && !p.sharedLocked() {
		goruntime.SetDefaultGOMAXPROCS()
		n := goruntime.GOMAXPROCS(0)
		p.now = processorChoice{number: p.now.number, before: n, set: n}
		return
	}
	n := p.now.before
	for _, s := range p.open {
		if s.choice == p.now.number {
			n += max(s.workers-p.now.before, 0) + extra
		}
	}
	p.now.set = n
	if n != goruntime.GOMAXPROCS(0) {
		goruntime.GOMAXPROCS(n) // stops the world
	}
}

// needLocked returns how many Ps there must be for the open runtimes to keep their
// word.
func (p *processorCount) needLocked() int {
	workers := 0
	for _, s := range p.open {
		workers = max(workers, s.workers)
	}
	return workers + extra*len(p.open)
}

// shortenNew asks for short time slices for OS threads that Go has started since. It
// doesn't wait.
func (p *processorCount) shortenNew() {
	n, last := int64(arch.OSThreads()), p.threads.Load()
	if n == last || !p.threads.CompareAndSwap(last, n) {
		return
	}
	go func() { // it takes a lock, and reads a folder
		p.lock.Lock()
		defer p.lock.Unlock()
		if len(p.open) > 0 && p.slices == nil {
			p.slices = arch.ShortenNewSlices()
		}
	}()
}

// refused returns what the operating system refused, nil if nothing.
func (p *processorCount) refused() error {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.slices
}
