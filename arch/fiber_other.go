//go:build !(linux && (amd64 || arm64) && go1.26 && !go1.28)

package arch

import (
	"sync/atomic"
	"unsafe"
)

// Where there is no Native engine, no Fiber is ever bound as native, and the
// functions below are unreachable; Pin has nothing to hold.

func (f *Fiber) switchNative(*Fiber)     { panic("arch: native switch on a platform that has none") }
func (f *Fiber) parkNative()             { panic("arch: native park on a platform that has none") }
func readyNative(unsafe.Pointer)         { panic("arch: native ready on a platform that has none") }
func lockedToThread(unsafe.Pointer) bool { return false }

// Pin does nothing on this platform.
func Pin() {}

// Unpin does nothing on this platform.
func Unpin() {}

func keepP() {}

// Status has nothing to look at on this platform.
func (f *Fiber) Status() Status { return StatusUnknown }

// Goroutine has nothing to look at on this platform.
func (f *Fiber) Goroutine() uint64 { return 0 }

// RequestPreempt can't be done on this platform.
func (f *Fiber) RequestPreempt(*atomic.Uint64, uint64) (tid int) { return 0 }

// Thread can't be known on this platform.
func (f *Fiber) Thread(*atomic.Uint64, uint64) int { return 0 }

// OffCore can't be known on this platform.
func (f *Fiber) OffCore(*atomic.Uint64, uint64) bool { return false }

// ThreadTime can't be known on this platform.
func (f *Fiber) ThreadTime(*atomic.Uint64, uint64) int64 { return -1 }

// ClaimPreempted has nothing to claim on this platform.
func (f *Fiber) ClaimPreempted() bool { return false }

// PreemptPending is never true on this platform.
func (f *Fiber) PreemptPending() bool { return false }

// WithdrawPreempt has nothing to take back on this platform.
func (f *Fiber) WithdrawPreempt() bool { return false }
