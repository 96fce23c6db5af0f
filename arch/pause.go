package arch

// Pause waits a little in a loop that waits for a pinned side to finish: spins
// is the number of the iteration, and decides between spinning and giving the
// core away.
func Pause(spins int) {
	if spins < 64 {
		for range 16 {
			relax()
		}
		return
	}
	osYield()
}

// relax is a call that the compiler keeps: a short delay.
//
//go:noinline
func relax() {}
