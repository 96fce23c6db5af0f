//go:build !linux

package arch

import "time"

// nap sleeps: nothing is pinned on this platform.
func nap(d time.Duration) { time.Sleep(d) }
