package instrument

import (
	"go/types"

	"github.com/gvthread/gvthread/instrument/internal/code"
)

// yielding lists the functions and methods of the runtime package that pass a safepoint
// whatever happens: they block, fail, or have nothing to do, in a thread that is cancelled
// or not. TestOwnCalls runs each.
//
// Those that only may block are not among them: a lock that is free, a counter that
// is zero and a thread that has ended are had at once.
var yielding = map[string]bool{
	"Safepoint": true, "Yield": true, "Block": true, "Sleep": true, "Select": true,
	"Go": true, "Runtime.Go": true, "Do": true, "Runtime.Do": true, "Run": true, "Runtime.Run": true,
	"Thread.Cancel": true, "Thread.SetPriority": true,
	"Chan.Send": true, "Chan.Recv": true, "Chan.TrySend": true, "Chan.TryRecv": true, "Chan.Close": true,
	"Cond.Signal": true, "Cond.Broadcast": true, "Semaphore.Release": true,
	"WaitGroup.Add": true, "WaitGroup.Done": true, "WaitGroup.Go": true,
	"Group.Go": true, "Group.TryGo": true, "Group.Cancel": true, "SelectInOrder": true, "Semaphore.Resize": true,
}

// calm are those of them that pass it before they can panic.
var calm = map[string]bool{"Safepoint": true, "Yield": true}

// pacing lists those that return an iterator which passes a safepoint in every round.
var pacing = map[string]bool{"Chan.All": true}

// isYielding tells whether fn is one of the runtime package's yielding calls.
func isYielding(fn *types.Func) bool { return isOwn(fn, yielding) }

// isOwn tells whether fn is a function of the runtime package that is in a list.
func isOwn(fn *types.Func, list map[string]bool) bool {
	return fn.Pkg() != nil && fn.Pkg().Path() == RuntimePath && list[code.FuncName(fn)]
}
