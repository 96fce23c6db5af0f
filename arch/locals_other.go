//go:build !amd64 && !arm64

package arch

import "unsafe"

// findLocal returns the calling goroutine's value, nil if it has none.
func findLocal(t *localTable) unsafe.Pointer { return t.head.Load().find(uint64(Getg())) }
