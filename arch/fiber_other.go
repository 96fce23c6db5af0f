//go:build !(linux && (amd64 || arm64) && go1.26 && !go1.28)

package arch

import "unsafe"

// Where there is no Native engine, no Fiber is ever bound as native, and the
// functions below are unreachable; Pin has nothing to hold.

// StartSwitch is Switch without its last step, which is Await's: see StartPark.
func (f *Fiber) StartSwitch(to *Fiber, lock *Lock) (resumed bool) {
	f.startSwitchPortable(to, lock)
	return false
}

func (f *Fiber) parkNative(*Lock)        { panic("arch: native park on a platform that has none") }
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
func (f *Fiber) RequestPreempt() (tid int) { return 0 }

// Thread can't be known on this platform.
func (f *Fiber) Thread() (tid int) { return 0 }

// Signal can't be done on this platform.
func Signal(tid int) {}

// ForgetPreempt has nothing to take back on this platform.
func (f *Fiber) ForgetPreempt() {}

// ClaimPreempted has nothing to claim on this platform.
func (f *Fiber) ClaimPreempted() bool { return false }

// PreemptPending is never true on this platform.
func (f *Fiber) PreemptPending() bool { return false }

// WithdrawPreempt has nothing to take back on this platform.
func (f *Fiber) WithdrawPreempt() bool { return false }
