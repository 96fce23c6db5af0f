//go:build !linux

package arch

import "runtime"

// osYield lets other goroutines run: nothing is pinned on this platform.
func osYield() { runtime.Gosched() }
