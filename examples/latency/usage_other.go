//go:build !linux

package main

import "time"

// systemMissing says why the system's numbers are missing.
const systemMissing = "that is read from Linux"

// currentSystemUsage returns nil: what others tell is not the same.
func currentSystemUsage() *systemUsage { return nil }

// monitorTime returns 0: only on Linux has the Monitor an OS thread of its own.
func monitorTime() time.Duration { return 0 }
