package dep

import (
	"iter"

	gv "github.com/gvthread/gvthread/runtime"
)

// Paced passes a safepoint in every round.
func Paced(yield func(int) bool) { // want Paced:"yields"
	for i := 0; ; i++ { // ok
		gv.Safepoint()
		if !yield(i) {
			return
		}
	}
}

// Pacing returns an iterator that does.
func Pacing(n int) iter.Seq[int] { // want Pacing:"paces"
	return func(yield func(int) bool) {
		for i := range n { // ok
			gv.Safepoint()
			if !yield(i) {
				return
			}
		}
	}
}

// Plain passes none.
func Plain(yield func(int) bool) {
	for i := 0; ; i++ { // want `no safepoint`
		if !yield(i) {
			return
		}
	}
}
