//go:build !linux

package arch

// TuneTimerThread has nothing to ask for on this platform.
func TuneTimerThread() error { return nil }

// ShortenSlices has nothing to ask for on this platform.
func ShortenSlices() error { return nil }

// RestoreSlices has nothing to ask for on this platform.
func RestoreSlices() error { return nil }

// LengthenSlice has nothing to ask for on this platform.
func LengthenSlice(int, bool) {}
