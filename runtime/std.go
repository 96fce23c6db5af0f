package gv

// stdSafepoint is what instrumented packages of the standard library call where
// somebody waits. They can't import this package, so they know it, and preemptPending of
// internal/sched, by the names that these have for the linker (gvinstrument -std).
//
//lint:ignore U1000 the linker's name is used
var stdSafepoint = safepoint
