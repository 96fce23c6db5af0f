package gv_test

import (
	"testing"
	"unsafe"

	gv "github.com/gvthread/gvthread/runtime"
)

// A thread costs its goroutine and its records, and the collector comes the sooner the
// larger those are: 288 bytes is what Go's allocator gives an object above 256.
func TestThreadIsSmall(t *testing.T) {
	const class = 288
	if size := unsafe.Sizeof(gv.Thread{}); unsafe.Sizeof(uintptr(0)) == 8 && size > class {
		t.Errorf("a Thread has %d bytes, want at most %d: what few threads need belongs in threadOptions or in rareState", size, class)
	}
}
