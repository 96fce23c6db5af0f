//go:build !linux

package main

import "time"

// What other systems don't have, or in another way.

// osThread has nothing to tell.
func osThread() int { return 0 }

// nanosleep sleeps as goroutines do.
func nanosleep(d time.Duration) { time.Sleep(d) }

// switches has nothing to count.
func switches() int64 { return 0 }

// switchesByThread has nothing to count either.
func switchesByThread() []giving { return nil }

// systemUpsets are the upsets that other systems don't have.
var systemUpsets []upset

// showerProfiling leaves it at the profiler's own signals.
func showerProfiling() {}
