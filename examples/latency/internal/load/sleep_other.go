//go:build !linux

package load

import "time"

// sleepUntil sleeps until t, as precisely as Go's timers are here.
func sleepUntil(t time.Time) {
	time.Sleep(time.Until(t))
}

// BeOnTime asks the operating system to let this process in soon when every
// core is busy with others. There is a way to do so on Linux only.
func BeOnTime() {}

func noSlack() {}
