package instrument

import (
	"fmt"
	"go/types"
)

// A FuncFact is what callers in other packages need to know of a function.
type FuncFact struct {
	// Yields is set if every way through the function passes a safepoint, or if
	// it never returns.
	Yields bool
	// Leaf is set if the function's time is bounded by its text: no loops but
	// short ones of constant length, no calls to code that is not itself a leaf.
	Leaf bool
	// Cost is an upper bound of a Leaf's time, in the units of the cost model.
	Cost int
	// Pure is set if the function writes nothing but its own variables and elements
	// of slices and arrays that have no fields.
	Pure bool
	// Endless is set if the function never returns.
	Endless bool
}

// AFact marks FuncFact as a fact for go/analysis.
func (*FuncFact) AFact() {}

func (f *FuncFact) String() string {
	switch {
	case f.Endless:
		return "endless"
	case f.Yields:
		return "yields"
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
}

// isYielding tells whether fn is one of the runtime package's yielding calls.
func isYielding(fn *types.Func) bool {
	return fn.Pkg() != nil && fn.Pkg().Path() == RuntimePath && yielding[funcName(fn)]
}

// funcName returns Name or Type.Name.
func funcName(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return fn.Name()
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name() + "." + fn.Name()
	}
	return fn.Name()
}

// endless lists functions of the standard library that never return. No driver of ours
// has facts of that.
var endless = map[string]bool{"os.Exit": true, "runtime.Goexit": true, "log.Fatal": true, "log.Fatalf": true, "log.Fatalln": true}

// endless tells whether a function of another package never returns.
func (u *unit) endless(fn *types.Func) bool {
	if fn.Pkg() == nil || fn.Pkg() == u.pkg {
		return false
	}
	f := u.fact(fn)
	return f != nil && f.Endless || endless[fn.Pkg().Path()+"."+funcName(fn)]
}
