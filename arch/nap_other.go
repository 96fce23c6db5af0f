//go:build !linux

package arch

import (
	"runtime"
	"time"
)

// nap sleeps: nothing is pinned on this platform. In a bubble, that might take until
// the bubble's other goroutines sleep.
func nap(d time.Duration) {
	if InBubble() {
		runtime.Gosched()
		return
	}
	time.Sleep(d)
}
