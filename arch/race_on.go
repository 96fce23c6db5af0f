//go:build race

package arch

import (
	"runtime"
	"unsafe"
)

// The race detector does not see what the assembly does. What it must know is
// that the side that resumes a fiber comes before what the fiber does next.

func raceRelease(f *Fiber) { runtime.RaceReleaseMerge(unsafe.Pointer(&f.g)) }
func raceAcquire(f *Fiber) { runtime.RaceAcquire(unsafe.Pointer(&f.g)) }
