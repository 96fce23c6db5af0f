//go:build amd64 || arm64

package arch

import "unsafe"

// findLocal returns the calling goroutine's value, the one that it has settled with or that
// in the table; nil if it has none. It is in assembly since half of the operations on threads
// begin with it: in Go it would be two calls and twice the instructions.
//
//go:noescape
func findLocal(t *localTable) unsafe.Pointer
