//go:build amd64 || arm64

package arch

import "unsafe"

// getg returns the calling goroutine's g.
//
//go:noescape
func getg() unsafe.Pointer

// Getg returns the identity of the calling goroutine: the address of its g,
// which is for comparing and for use as a key.
func Getg() uintptr { return uintptr(getg()) }
