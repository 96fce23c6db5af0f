package instrument

import (
	"fmt"
	"go/types"

	"github.com/gvthread/gvthread/instrument/internal/code"
)

// A FuncFact is what callers in other packages need to know of a function.
type FuncFact struct {
	// Yields is set if every way through the function passes a safepoint, or if
	// it never returns.
	Yields bool
	// Leaf is set if the text bounds the time of all ways through the function that pass no
	// safepoint: no loops but short ones of constant length, no calls to code that is
	// not itself a leaf.
	Leaf bool
	// Cost is an upper bound of that time, in the units of the cost model.
	Cost int
	// Pure is set if the function writes nothing but its own variables and elements
	// of slices and arrays that have no fields.
	Pure bool
	// Endless is set if the function never returns.
	Endless bool
	// Paces is set if the function is an iterator that passes a safepoint in every
	// round, or returns only such.
	Paces bool
}

// AFact marks FuncFact as a fact for go/analysis.
func (*FuncFact) AFact() {}

func (f *FuncFact) String() string {
	switch {
	case f.Endless:
		return "endless"
	case f.Yields:
		return "yields"
	case f.Paces:
		return "paces"
	case f.Leaf:
		return fmt.Sprintf("leaf(%d)", f.Cost)
	}
	return "plain"
}

// yielding lists the functions and methods of the runtime package that give other
// Threads their turn whatever happens.
//
// Those that only may block are not among them: a lock that is free, a counter that
// is zero and a thread that has ended are had at once, and calls on behalf of a
// cancelled thread return before they look at anything.
var yielding = map[string]bool{
	"Safepoint": true, "Yield": true, "Block": true, "Run": true, "Runtime.Run": true, "Go": true, "Runtime.Go": true,
	"Thread.Cancel": true, "Cond.Signal": true, "Cond.Broadcast": true, "WaitGroup.Add": true, "WaitGroup.Done": true,
	"WaitGroup.Go": true, "Group.Go": true, "Group.TryGo": true,
}

// isYielding tells whether fn is one of the runtime package's yielding calls.
func isYielding(fn *types.Func) bool {
	return fn.Pkg() != nil && fn.Pkg().Path() == RuntimePath && yielding[code.FuncName(fn)]
}

// endless lists functions of the standard library that never return. No driver of ours
// has facts of that.
var endless = map[string]bool{"os.Exit": true, "runtime.Goexit": true, "log.Fatal": true, "log.Fatalf": true, "log.Fatalln": true}

// known returns what is known of a function of another package, nil if nothing.
func (u *unit) known(fn *types.Func) *FuncFact {
	if fn == nil {
		return nil
	}
	return u.fact(fn)
}

// isEndless tells whether a function of another package never returns.
func (u *unit) isEndless(fn *types.Func) bool {
	f := u.known(fn)
	return f != nil && f.Endless || fn.Pkg() != nil && endless[fn.Pkg().Path()+"."+code.FuncName(fn)]
}

// isPure tells whether a function of another package writes nothing but what it is given.
func (u *unit) isPure(fn *types.Func) bool {
	f := u.known(fn)
	return f != nil && f.Pure || isYielding(fn) || intrinsicCost(fn) > 0
}

// facts returns what other packages may want to know of the functions here.
func (u *unit) facts() map[*types.Func]*FuncFact {
	out := map[*types.Func]*FuncFact{}
	for _, f := range u.Funcs {
		if f.Obj == nil || !f.Obj.Exported() {
			continue
		}
		cost, leaf := u.leaves[f]
		fact := &FuncFact{Yields: u.yielding[f], Leaf: leaf, Cost: cost, Pure: u.Pure(f), Endless: u.Flow.Endless(f.Obj), Paces: u.pacing[f]}
		if fact.Yields || fact.Leaf || fact.Endless || fact.Paces {
			out[f.Obj] = fact
		}
	}
	return out
}
