//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"runtime"
	"sync/atomic"
	"testing"
	"unsafe"
)

// What a goroutine has waited for before a direct switch to it counts for no later wait: stack
// traces would say that it waits for minutes as soon as it waits for a channel.
func TestSwitchEndsWait(t *testing.T) {
	defer watchdog(t)()
	forPinned(t)
	p := newPair(t)
	defer p.end()
	p.turn(&p.lock)
	runtime.GC() // notes who waits
	if word(uintptr(p.other.g), gWaitsince) == 0 {
		t.Fatal("the collector has not noted that a parked goroutine waits")
	}
	if how := p.turn(&p.lock); how == ByGo {
		t.Skip("the switch went through Go's scheduler")
	}
	if since := word(uintptr(p.other.g), gWaitsince); since != 0 {
		t.Errorf("it was resumed, and waits since %d", since)
	}
}

// calls is what a goroutine below calls, at whose entry it is stopped.
//
//go:noinline
func calls(n int) int {
	if n == 0 {
		return 0
	}
	return calls(n-1) + 1
}

// atEntry reports whether f, which was stopped, is at a function's entry. It lets f go on if
// not: sysmon asks by signals, too.
func atEntry(f *Fiber) bool {
	if octet(uintptr(f.g), gSyncSafePoint) != 0 {
		return true
	}
	f.Ready()
	return false
}

// A goroutine that was stopped at a function's entry is resumed through Go's scheduler, also by
// a switch: that takes the guard back by which it was stopped, and the mark of it.
func TestStoppedAtEntry(t *testing.T) {
	defer watchdog(t)()
	if err := ForcedPreemption(); err != nil {
		t.Skip(err)
	}
	forPinned(t) // the collector would stop it by a signal
	var f, me Fiber
	var lock Lock // nobody switches while it runs
	var over atomic.Bool
	bound, ended := make(chan struct{}), make(chan struct{})
	go func() {
		f.Bind(true)
		close(bound)
		for !over.Load() {
			calls(5)
		}
		me.Ready()
		close(ended)
	}()
	<-bound
	me.Bind(true)
	for !f.ClaimPreempted() || !atEntry(&f) {
		// As suspendG asks (runtime/preempt.go), but by no signal.
		lock.Lock()
		if f.RequestPreempt() != 0 {
			const stackPreempt = ^uintptr(0) - 1313 // runtime/stack.go
			atomic.StoreUintptr((*uintptr)(unsafe.Add(f.g, gStackguard0)), stackPreempt)
		}
		lock.Unlock()
		runtime.Gosched()
	}
	over.Store(true)
	lock.Lock()
	me.Switch(&f, &lock)
	if how := me.LastDeparture(); how != ByGo {
		t.Errorf("departure %d, with the guard still set", how)
	}
	<-ended
}
