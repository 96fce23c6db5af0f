//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"runtime"
	"sync/atomic"
	"testing"
)

// TestWithdrawPreempt checks that a request that came too late to stop a
// goroutine before it parked can be taken back from the parked one, and only
// from that.
func TestWithdrawPreempt(t *testing.T) {
	if err := ForcedPreemption(); err != nil {
		t.Skip(err)
	}
	forPinned(t)
	var f Fiber
	var park atomic.Bool
	pinned, ended := make(chan struct{}, 1), make(chan struct{})
	go func() {
		f.Bind(true)
		Pin()
		pinned <- struct{}{}
		for !park.Load() {
			relax()
		}
		f.Park(nil)
		close(ended)
	}()
	<-pinned
	if f.RequestPreempt() == 0 {
		t.Error("no request could be made of a goroutine that runs")
	}
	if f.WithdrawPreempt() {
		t.Error("a request was taken back from a goroutine that runs")
	}
	park.Store(true)
	for f.word.Load() != wordParked {
		runtime.Gosched()
	}
	if !f.PreemptPending() {
		t.Error("the request did not outlive the park")
	}
	for !f.WithdrawPreempt() {
		runtime.Gosched() // the collector looks at it
	}
	if f.PreemptPending() {
		t.Error("the request stands after it was taken back")
	}
	f.Ready()
	<-ended
}
