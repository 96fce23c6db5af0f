//go:build !amd64 && !arm64

package arch

import (
	"bytes"
	"runtime"
	"strconv"
	"unsafe"
)

// Getg returns the identity of the calling goroutine: here the number that the
// header of its stack trace carries, which is slow but needs nothing of the
// platform.
func Getg() uintptr {
	var buf [64]byte
	head := buf[:runtime.Stack(buf[:], false)]
	head = bytes.TrimPrefix(head, []byte("goroutine "))
	if i := bytes.IndexByte(head, ' '); i > 0 {
		head = head[:i]
	}
	id, err := strconv.ParseUint(string(head), 10, 64)
	if err != nil {
		panic("arch: no goroutine number in a stack header: " + err.Error())
	}
	return uintptr(id)
}

// getg has nothing to return here: only the Native engine looks at a g.
func getg() unsafe.Pointer { return nil }
