//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"sync/atomic"
	"unsafe"
)

// layoutChecked is set when the self-check has found the layout to be as expected.
var layoutChecked atomic.Bool

// bubbled reports whether the calling goroutine is in a bubble, if that is known.
//
//go:norace
func bubbled() (in, known bool) {
	if !layoutChecked.Load() {
		return false, false
	}
	return *(*uintptr)(unsafe.Add(getg(), gBubble)) != 0, true
}
