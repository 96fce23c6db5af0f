//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"unsafe"
)

// The functions of Go's runtime that arch calls. All of them are among the names
// that the runtime keeps open for linkname (runtime/proc.go, go1.26 and
// go1.27), and so is runtime.iscgo (runtime/cgo.go).

// Arguments of gopark that only show in dumps and traces.
const (
	waitReasonZero    uint8 = 0 // runtime2.go: waitReasonZero
	traceBlockGeneric uint8 = 0 // traceruntime.go: traceBlockGeneric
)

//go:linkname gopark runtime.gopark
func gopark(unlockf func(g, lock unsafe.Pointer) bool, lock unsafe.Pointer, reason, traceReason uint8, traceskip int)

//go:linkname goready runtime.goready
func goready(g unsafe.Pointer, traceskip int)

//go:linkname procPin runtime.procPin
func procPin() int

//go:linkname procUnpin runtime.procUnpin
func procUnpin()

// entersyscallblock gives the caller's P away, as before a system call that blocks, and
// exitsyscall gets one again. The caller's frame must stay until then, and its stack not
// grow.
//
//go:linkname entersyscallblock runtime.entersyscallblock
//go:nosplit
func entersyscallblock()

//go:linkname exitsyscall runtime.exitsyscall
//go:nosplit
func exitsyscall()

//go:linkname iscgo runtime.iscgo
var iscgo bool
