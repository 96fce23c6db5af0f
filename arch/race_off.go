//go:build !race

package arch

func raceRelease(*Fiber) {}
func raceAcquire(*Fiber) {}
func raceUnlock(*Lock)   {}
