//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import "unsafe"

// Goroutine returns the number of f's goroutine, as stack traces print it; 0 where
// that can't be known.
//
//go:norace
func (f *Fiber) Goroutine() uint64 {
	if Native() != nil || !f.bound() {
		return 0
	}
	return *(*uint64)(unsafe.Add(f.g, gGoid))
}
