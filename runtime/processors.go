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
	// before is GOMAXPROCS as the program wants it: as the first runtime found it,
	// or as the program has set it since. set is what it was set to here last.
	before, set int
	// choice counts the program's own settings while runtimes are open, and wanted
	// adds up what the runtimes ask for that were opened since the last of them.
	choice, wanted int
	// slices is what asking for short slices failed with.
	slices error
}

// extraProcessors are the Ps that a runtime has asked for, beyond what the program
// had chosen then. They end with the choice.
type extraProcessors struct {
	choice, n int
}

// extra is how many Ps a runtime needs besides those of its workers: one for
// the Monitor, one for plain goroutines, and one for the garbage collector, which
// would otherwise have the goroutines' for as long as it marks.
const extra = 3

// raise raises GOMAXPROCS for a runtime of that many workers, until lower.
func (p *processorCount) raise(workers int) extraProcessors {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.notice()
	x := extraProcessors{p.choice, max(workers-p.before, 0) + extra}
	p.open++
	p.change(x.n)
	if p.open == 1 {
		p.slices = arch.ShortenSlices()
	}
	return x
}

// lower takes x back.
func (p *processorCount) lower(x extraProcessors) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.notice()
	p.open--
	if p.open == 0 && p.slices == nil {
		p.slices = arch.RestoreSlices()
	}
	if x.choice == p.choice {
		p.change(-x.n)
	}
}

// notice looks for a choice of the program's: it stands, also for what is already
// open.
func (p *processorCount) notice() {
	if n := goruntime.GOMAXPROCS(0); p.open == 0 || n != p.set {
		p.choice++
		p.before, p.set, p.wanted = n, n, 0
	}
}

func (p *processorCount) change(n int) {
	p.wanted += n
	p.set = p.before + p.wanted
	goruntime.GOMAXPROCS(p.set)
}

// refused returns what the operating system refused, nil if nothing.
func (p *processorCount) refused() error {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.slices
}
