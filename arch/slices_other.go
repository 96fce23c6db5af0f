//go:build !linux

package arch

// TuneTimerThread has nothing to ask for on this platform.
func TuneTimerThread() error { return nil }

// onMainThread is of no use on this platform.
func onMainThread() bool { return false }

// ShortenSlices has nothing to ask for on this platform.
func ShortenSlices() error { return nil }

// ShortenNewSlices has nothing to ask for on this platform.
func ShortenNewSlices() error { return nil }

// OSThreads counts nothing on this platform.
func OSThreads() int { return 0 }

// RestoreSlices has nothing to ask for on this platform.
func RestoreSlices() error { return nil }

// LengthenSlice has nothing to ask for on this platform.
func LengthenSlice(int, bool) {}
