package arch

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A nap leaves the OS thread the timer slack that it had.
func TestNapGivesTimerSlackBack(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	slack := func() int {
		n, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
		if err != nil {
			t.Skip(err)
		}
		return n
	}
	defer unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack()), 0, 0, 0)
	for _, want := range []int{slack(), 12345} {
		if err := unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(want), 0, 0, 0); err != nil {
			t.Skip(err)
		}
		nap(time.Microsecond)
		if got := slack(); got != want {
			t.Errorf("the timer slack is %d ns, was %d", got, want)
		}
	}
}
