// Package hotpath has the operations of threads whose price counts most, each beside
// what it replaces in plain Go. The benchmark times them, and it and a test of the
// scheduler count their instructions: one definition serves both, so that what is
// counted is what is timed.
package hotpath

import (
	"slices"

	gv "github.com/gvthread/gvthread/runtime"
)

// A Path is one of these operations.
type Path struct {
	Name  string
	About string // what one operation is
	// Counted is how many operations are counted: each instruction takes some
	// microseconds then, 30 and more on a virtual machine.
	Counted int
	// Thread does n operations in threads of rt, which should have one worker. It
	// calls measure once, with the function that does them; what comes before and
	// after it is not part of them. measure may call the function more than once.
	Thread func(rt *gv.Runtime, n int, measure func(ops func())) error
	// Goroutine does the same with what plain Go has. GOMAXPROCS should be 1.
	Goroutine func(n int, measure func(ops func()))
}

// Paths are all of them.
var Paths = []Path{
	{"yield", "one of two yields", 10, yield, gosched},
	{"handover", "pass a value over an unbuffered channel", 6, handover, goHandover},
	{"select", "pass a value over one of two channels, and one back", 2, choose, goChoose},
	{"mutex", "lock and unlock, uncontended", 10, mutex, goMutex},
	{"spawn", "start one that does nothing, and wait for its end", 3, spawn, goSpawn},
	{"do", "run a function that does nothing from a plain goroutine, and wait for its end", 3, do, goSpawn},
}

// Named returns the Path of that name, if there is one.
func Named(name string) (Path, bool) {
	i := slices.IndexFunc(Paths, func(p Path) bool { return p.Name == name })
	if i < 0 {
		return Path{}, false
	}
	return Paths[i], true
}
