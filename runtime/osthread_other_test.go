//go:build !linux

package gv_test

// osThread can't tell OS threads apart on this platform.
func osThread() int { return 0 }
