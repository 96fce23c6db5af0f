//go:build !linux

package arch

import (
	"sync/atomic"
	"time"
)

// A Sleeper lets one goroutine sleep until others wake it. The zero Sleeper is
// ready to use.
type Sleeper struct {
	wake atomic.Pointer[chan struct{}]
}

// note returns the channel that a Wake leaves its token in.
func (s *Sleeper) note() chan struct{} {
	if c := s.wake.Load(); c != nil {
		return *c
	}
	var c chan struct{}
	Outside(func() { c = make(chan struct{}, 1) })
	s.wake.CompareAndSwap(nil, &c)
	return *s.wake.Load()
}

// Sleep blocks the calling goroutine for at most d, or until Wake. holdP has no
// meaning on this platform.
func (s *Sleeper) Sleep(d time.Duration, holdP bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-s.note():
	case <-timer.C:
	}
}

// Wake ends the Sleep under way, or the next one.
func (s *Sleeper) Wake() {
	select {
	case s.note() <- struct{}{}:
	default:
	}
}
