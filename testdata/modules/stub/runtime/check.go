//go:build !gvgap

// Package gv stands for the runtime package in measurements: the same check, and
// no scheduler. It has no dependencies and asks for no recent Go, so the modules
// under measurement keep their language version.
package gv

import "sync/atomic"

var preemptPending atomic.Uint32

// Safepoint is what the real one is, with a flag that is never set.
func Safepoint() {
	if preemptPending.Load() != 0 {
		safepoint()
	}
}

//go:noinline
func safepoint() { preemptPending.Store(0) }
