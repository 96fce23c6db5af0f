//go:build !race

package arch

import "unsafe"

const raceEnabled = false

func raceRelease(*Fiber)          {}
func raceAcquire(*Fiber)          {}
func raceBequeath(unsafe.Pointer) {}
func raceInherit(unsafe.Pointer)  {}
func raceUnlock(*Lock)            {}
