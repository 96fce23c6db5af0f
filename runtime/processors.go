package gv

import (
	goruntime "runtime"
	"sync"

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
	open int
	// before is GOMAXPROCS as the first runtime found it; set is what it was
	// set to last.
	before, set int
	// wanted is what the open runtimes ask for, added up.
	wanted int
	// slices is what asking for short slices failed with.
	slices error
}

// extra is how many Ps a runtime needs besides those of its workers: one for
// the Monitor, one for plain goroutines, and one for the garbage collector, which
// would otherwise have the goroutines' for as long as it marks.
const extra = 3

func (p *processorCount) raise(workers int) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.open == 0 {
		p.before = goruntime.GOMAXPROCS(0)
		p.wanted = 0
	}
	p.open++
	p.wanted += max(workers-p.before, 0) + extra
	p.set = p.before + p.wanted
	goruntime.GOMAXPROCS(p.set)
	if p.open == 1 {
		p.slices = arch.ShortenSlices()
	}
}

// refused returns what the operating system refused, nil if nothing.
func (p *processorCount) refused() error {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.slices
}

func (p *processorCount) lower(workers int) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.open--
	if p.open == 0 && p.slices == nil {
		p.slices = arch.RestoreSlices()
	}
	p.wanted -= max(workers-p.before, 0) + extra
	if goruntime.GOMAXPROCS(0) != p.set {
		// The program has chosen a number of its own meanwhile: it stands.
		return
	}
	p.set = p.before + p.wanted
	goruntime.GOMAXPROCS(p.set)
}
