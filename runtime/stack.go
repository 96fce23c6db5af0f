package gv

import (
	"bytes"
	"fmt"
	goruntime "runtime"
	"runtime/debug"
	"sync"

	"github.com/gvthread/gvthread/arch"
)

// Config.MaxStack: the Monitor looks about every millisecond how large the stacks of
// the running threads are, and asks those whose stacks could hold too much to
// measure, at their next safepoint, how much that is. So neither function calls
// nor safepoints cost anything until then.

// A StackOverflowError is what a thread panics with that a safepoint finds to
// use more stack than Config.MaxStack.
type StackOverflowError struct {
	// Depth is how much stack the thread used, in bytes, and Max is
	// Config.MaxStack.
	Depth, Max int
}

// Error says how much stack was used, and what the limit is.
func (e *StackOverflowError) Error() string {
	return fmt.Sprintf("gv: stack overflow: the thread uses %d bytes of stack, and Config.MaxStack is %d", e.Depth, e.Max)
}

// minMaxStack is the least Config.MaxStack: what calls of the standard library
// may need.
const minMaxStack = 64 << 10

// panicStack returns the stack of the calling thread, which has panicked with v.
func panicStack(v any) []byte {
	if _, ok := v.(*StackOverflowError); !ok {
		return debug.Stack()
	}
	// That would go through all frames, and take long.
	var pcs [overflowFrames]uintptr
	frames := goruntime.CallersFrames(pcs[:goruntime.Callers(1, pcs[:])])
	var b bytes.Buffer
	for more := true; more; {
		var f goruntime.Frame
		f, more = frames.Next()
		fmt.Fprintf(&b, "%s(...)\n\t%s:%d\n", f.Function, f.File, f.Line)
	}
	b.WriteString("...\n")
	return b.Bytes()
}

// overflowFrames is how many of the last calls are shown of a stack that has
// overflowed.
const overflowFrames = 100

// unlockCalmly unlocks l without a StackOverflowError. t is the calling thread,
// or nil.
func (t *Thread) unlockCalmly(l sync.Locker) {
	if t != nil {
		t.task.Exempt(l.Unlock)
		return
	}
	l.Unlock()
}

// limitStacks fills in rt.maxStack and says in rt.caps whether it can be had.
func (rt *Runtime) limitStacks() {
	if err := arch.StackSizes(); err != nil {
		rt.caps.MaxStackReason = err.Error()
		return
	}
	rt.caps.MaxStack = true
	rt.maxStack = rt.config.MaxStack
}
