package arch

import "time"

// The waits of Pause: this many short spins, about 40 µs in all, then naps.
const (
	pauseSpins = 512
	pauseNap   = 15 * time.Microsecond
)

// Pause waits a little in a loop that waits for another OS thread to finish
// something short: spins is the number of the iteration. If the other takes
// longer than it should, it has lost its core, perhaps to this one, which then
// sleeps for a moment. A sched_yield would cost the caller its own turn for as
// long as the kernel's tick.
func Pause(spins int) {
	if spins >= pauseSpins {
		nap(pauseNap)
		return
	}
	for range 16 {
		relax()
	}
}

// relax is a call that the compiler keeps: a short delay.
//
//go:noinline
func relax() {}
