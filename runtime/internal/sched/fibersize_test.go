package sched

import (
	"testing"
	"unsafe"
)

// fiberClass is the class of Go's sizes that a fiber is in on 64-bit platforms: 80 bytes,
// which follow on 64 and are followed by 96 (runtime/sizeclasses.go).
const fiberClass = 80

// A fiber is what the scheduler has of a blocked thread beside its task, so there may be a
// million. A field more takes it into the next class; what only some fibers need, as the
// Monitor's notes on those outside, is in a fiberRare.
func TestFiberSize(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("pointers are smaller")
	}
	if size := unsafe.Sizeof(fiber{}); size > fiberClass {
		t.Errorf("a fiber has %d bytes, more than its class of %d", size, fiberClass)
	}
}
