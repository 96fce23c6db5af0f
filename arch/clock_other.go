//go:build !linux

package arch

import "time"

// realNow is Now in a bubble: nothing is pinned on this platform, and the caller may
// wait for a goroutine that looks at the clock.
func realNow() (now int64) {
	Outside(func() { now = int64(time.Since(epoch)) })
	return now
}
