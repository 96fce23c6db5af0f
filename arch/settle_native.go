//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import "unsafe"

// At the high end of a goroutine's stack are some words that nobody uses: newproc1 leaves
// room there for reads slightly beyond the outermost frame (runtime/proc.go, go1.26 and
// go1.27), and so do slots. They move with the stack (copystack in runtime/stack.go), and the
// collector does not look at them. The last two hold the goroutine's value and a mark, which
// says whose value that is: of which goroutine, by its number, which is never used again, and
// of which Locals. So what an earlier goroutine has left there, or an older copy of this
// stack, is nobody's value.
const (
	settledMark  = -16 // from g.stack.hi on
	settledValue = -8
)

// settle makes v, which others keep from the collector, the calling goroutine's value of t.
// It is in assembly, in which the stack is never moved.
func settle(t *localTable, v unsafe.Pointer)
