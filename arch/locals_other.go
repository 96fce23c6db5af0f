//go:build !amd64 && !arm64

package arch

import "unsafe"

// findLocal returns the calling goroutine's value in the table that head is the head of;
// nil if it has none, or there is no table.
func findLocal(head *localEntry) unsafe.Pointer { return head.find(uint64(Getg())) }
