//go:build race

package arch

import (
	"runtime"
	"unsafe"
)

const raceEnabled = true

// The race detector does not see what the assembly does. What it must know is
// that the side that resumes a fiber comes before what the fiber does next.

func raceRelease(f *Fiber) { runtime.RaceReleaseMerge(unsafe.Pointer(&f.g)) }
func raceAcquire(f *Fiber) { runtime.RaceAcquire(unsafe.Pointer(&f.g)) }

// raceBequeath and raceInherit are for a value that a goroutine may leave to the next one
// that Go makes of it. Go orders the two, which the detector does not see either.
func raceBequeath(v unsafe.Pointer) { runtime.RaceReleaseMerge(v) }
func raceInherit(v unsafe.Pointer) {
	if v != nil {
		runtime.RaceAcquire(v)
	}
}

// raceUnlock is for a lock that the assembly, or g0, releases.
func raceUnlock(l *Lock) { runtime.RaceReleaseMerge(unsafe.Pointer(l)) }
