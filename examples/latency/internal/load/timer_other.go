//go:build !linux

package load

import "time"

// A timer lets one goroutine sleep, as precisely as Go's timers do here.
type timer struct{}

func newTimer() (*timer, error) { return &timer{}, nil }

func (*timer) close() {}

// sleepUntil sleeps until due.
func (*timer) sleepUntil(due time.Time) error {
	time.Sleep(time.Until(due))
	return nil
}

// BeOnTime asks the operating system to let this process in soon when every
// core is busy with others. There is a way to do so on Linux only.
func BeOnTime() (realTime bool) { return false }
