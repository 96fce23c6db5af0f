//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"runtime"
	"sync"
	"testing"
)

// A fiber that is expected is resumed, by Ready or by a switch, before its goroutine has
// arrived or after, and once.
func TestExpectedFiber(t *testing.T) {
	defer watchdog(t)()
	if err := Native(); err != nil {
		t.Skip(err)
	}
	for i := range 2000 {
		to := new(Fiber)
		to.Expect()
		if !to.Expected() || to.bound() || to.Status() != StatusUnknown {
			t.Error("a fiber is expected, and counts as bound")
		}
		var lock Lock
		var all sync.WaitGroup
		arrived, resumed := 0, 0
		arrive := func() {
			arrived++
			to.Arrive()
			resumed++
		}
		if i%2 == 0 {
			all.Go(arrive)
			to.Ready()
		} else {
			all.Go(func() {
				var from Fiber
				from.Bind(true)
				all.Go(arrive)
				all.Go(from.Ready)
				lock.Lock()
				from.Switch(to, &lock)
			})
		}
		all.Wait()
		if arrived != 1 || resumed != 1 {
			t.Fatalf("a goroutine has arrived %d times, and gone on %d times", arrived, resumed)
		}
	}
}

// A fiber that was expected is resumed as any other is, once its goroutine is there.
func TestExpectedFiberGoesOn(t *testing.T) {
	defer watchdog(t)()
	if err := Native(); err != nil {
		t.Skip(err)
	}
	f := new(Fiber)
	f.Expect()
	const rounds = 100
	done := make(chan int)
	go func() {
		f.Arrive()
		for range rounds {
			Pin()
			f.BeginPark()
			f.Park(nil)
		}
		done <- rounds
	}()
	f.Ready()
	for range rounds {
		for f.word.Load() != wordParked {
			runtime.Gosched()
		}
		f.Ready()
	}
	<-done
}
