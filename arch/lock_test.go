package arch

import (
	"runtime"
	"sync"
	"testing"
)

// One at a time has a Lock, and what it has written is seen by the next.
func TestLock(t *testing.T) {
	defer watchdog(t)()
	const goroutines, rounds = 4, 20_000
	var l Lock
	var n, holders, tried int
	var ended sync.WaitGroup
	for i := range goroutines {
		ended.Go(func() {
			for range rounds {
				locked := i%2 == 0
				if locked {
					l.Lock()
				} else if locked = l.TryLock(); !locked {
					runtime.Gosched()
					continue
				}
				if holders++; holders != 1 {
					t.Errorf("%d have the lock", holders)
				}
				n++
				if i%2 != 0 {
					tried++
				}
				holders--
				l.Unlock()
			}
		})
	}
	ended.Wait()
	if want := goroutines/2*rounds + tried; n != want {
		t.Errorf("%d of %d counts are left", n, want)
	}
}

// TryLock waits for nobody, and Lock waits.
func TestTryLock(t *testing.T) {
	defer watchdog(t)()
	forPinned(t)
	var l Lock
	if !l.TryLock() {
		t.Fatal("a lock that nobody has is not to be had")
	}
	l.Unlock()
	l.held.Store(1) // by somebody else
	if l.TryLock() {
		t.Fatal("a lock is had twice")
	}
	locked := make(chan struct{})
	go func() {
		l.Lock()
		defer l.Unlock()
		close(locked)
	}()
	for range 100 {
		runtime.Gosched()
	}
	select {
	case <-locked:
		t.Error("Lock has not waited")
	default:
	}
	l.held.Store(0)
	<-locked
}
