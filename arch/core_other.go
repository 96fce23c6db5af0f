//go:build !linux

package arch

// OffCore can't be known on this platform.
func OffCore(tid int) bool { return false }

// ThreadTime can't be known on this platform.
func ThreadTime(tid int) (ns int64, ok bool) { return 0, false }
