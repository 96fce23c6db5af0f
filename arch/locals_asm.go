//go:build amd64 || arm64

package arch

import "unsafe"

// findLocal returns the calling goroutine's value in the table that head is the head of;
// nil if it has none, or there is no table. It is in assembly since half of the operations on threads begin with
// it: in Go it would be two calls and twice the instructions.
//
//go:noescape
func findLocal(head *localEntry) unsafe.Pointer
