// Package rtlayout reads where Go's runtime keeps what package arch needs of
// it: the offsets of struct fields and the values of goroutine statuses. It
// takes them from the DWARF of a small program built with the release in
// question, so no offset is ever typed by hand.
//
// The generator in arch/gen writes the tables with it, and the tests of
// package arch check them with it against the toolchain that runs the tests.
package rtlayout

import "fmt"

// An Item is one constant of the tables.
type Item struct {
	// Const is the constant's name in package arch. Assembly sees it as
	// const_<name> through go_asm.h.
	Const string
	// Type is the struct that Path starts from, such as "runtime.g". It is
	// empty when the item is a constant of the runtime.
	Type string
	// Path is a field, with dots into nested structs ("sched.sp"), or the
	// name of a runtime constant ("runtime._Gwaiting").
	Path string
	// Size is the field's size in bytes. A field that keeps its name and
	// changes its width would be as wrong as one that moved. Zero for a
	// runtime constant.
	Size int64
	// Arch names the only GOARCH whose code uses the field; on others it may
	// be absent. Empty when every architecture needs it.
	Arch string
}

// String names the item as error messages do.
func (it Item) String() string {
	if it.Type == "" {
		return fmt.Sprintf("constant %s", it.Path)
	}
	return fmt.Sprintf("field %s of %s", it.Path, it.Type)
}

// Source is what the item is read from, in one word.
func (it Item) Source() string {
	if it.Type == "" {
		return it.Path
	}
	return it.Type + "." + it.Path
}

// Items returns what the tables hold, in their order. Names and sizes are
// those of src/runtime/runtime2.go in Go 1.26 and 1.27.
func Items() []Item {
	const ptr = 8 // every architecture in the tables is 64-bit
	return []Item{
		{Const: "gStackLo", Type: "runtime.g", Path: "stack.lo", Size: ptr},
		{Const: "gStackHi", Type: "runtime.g", Path: "stack.hi", Size: ptr},
		{Const: "gStackguard0", Type: "runtime.g", Path: "stackguard0", Size: ptr},
		{Const: "gPanic", Type: "runtime.g", Path: "_panic", Size: ptr},
		{Const: "gM", Type: "runtime.g", Path: "m", Size: ptr},
		{Const: "gSchedSP", Type: "runtime.g", Path: "sched.sp", Size: ptr},
		{Const: "gSchedPC", Type: "runtime.g", Path: "sched.pc", Size: ptr},
		{Const: "gSchedCtxt", Type: "runtime.g", Path: "sched.ctxt", Size: ptr},
		{Const: "gSchedLR", Type: "runtime.g", Path: "sched.lr", Size: ptr, Arch: "arm64"},
		{Const: "gSchedBP", Type: "runtime.g", Path: "sched.bp", Size: ptr},
		{Const: "gStktopsp", Type: "runtime.g", Path: "stktopsp", Size: ptr},
		{Const: "gAtomicstatus", Type: "runtime.g", Path: "atomicstatus", Size: 4},
		{Const: "gGoid", Type: "runtime.g", Path: "goid", Size: 8},
		{Const: "gWaitsince", Type: "runtime.g", Path: "waitsince", Size: 8},
		{Const: "gWaitreason", Type: "runtime.g", Path: "waitreason", Size: 1},
		{Const: "gPreempt", Type: "runtime.g", Path: "preempt", Size: 1},
		{Const: "gPreemptStop", Type: "runtime.g", Path: "preemptStop", Size: 1},
		{Const: "gAsyncSafePoint", Type: "runtime.g", Path: "asyncSafePoint", Size: 1},
		{Const: "gLockedm", Type: "runtime.g", Path: "lockedm", Size: ptr},
		{Const: "gFipsOnlyBypass", Type: "runtime.g", Path: "fipsOnlyBypass", Size: 1},
		{Const: "gDitWanted", Type: "runtime.g", Path: "ditWanted", Size: 1},
		{Const: "gSyncSafePoint", Type: "runtime.g", Path: "syncSafePoint", Size: 1},
		{Const: "gSecret", Type: "runtime.g", Path: "secret", Size: 4},
		{Const: "gGoroutineProfiled", Type: "runtime.g", Path: "goroutineProfiled", Size: 4},
		{Const: "gBubble", Type: "runtime.g", Path: "bubble", Size: ptr},
		{Const: "gTraceStatus", Type: "runtime.g", Path: "trace.traceSchedResourceState.statusTraced", Size: 12},

		{Const: "mG0", Type: "runtime.m", Path: "g0", Size: ptr},
		{Const: "mProcid", Type: "runtime.m", Path: "procid", Size: 8},
		{Const: "mCurg", Type: "runtime.m", Path: "curg", Size: ptr},
		{Const: "mP", Type: "runtime.m", Path: "p", Size: ptr},
		{Const: "mLocks", Type: "runtime.m", Path: "locks", Size: 4},
		{Const: "mTraceBuf", Type: "runtime.m", Path: "trace.buf", Size: 4 * ptr},

		{Const: "pSchedtick", Type: "runtime.p", Path: "schedtick", Size: 4},

		{Const: "statusRunnable", Path: "runtime._Grunnable"},
		{Const: "statusRunning", Path: "runtime._Grunning"},
		{Const: "statusSyscall", Path: "runtime._Gsyscall"},
		{Const: "statusWaiting", Path: "runtime._Gwaiting"},
		{Const: "statusPreempted", Path: "runtime._Gpreempted"},
		{Const: "statusScan", Path: "runtime._Gscan"},
	}
}
