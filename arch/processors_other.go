//go:build !linux

package arch

// ProcessorLimits knows of none on this platform.
func ProcessorLimits() string { return "" }
