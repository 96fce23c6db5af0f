package arch

import (
	"runtime"
	"sync"
	"testing"
)

// deepen makes the calling goroutine's stack grow by several copies.
//
//go:noinline
func deepen(n int) byte {
	var frame [512]byte
	frame[n] = byte(n)
	if n == 0 {
		return frame[n]
	}
	return deepen(n-1) + frame[n]
}

// A goroutine finds what it has settled with, wherever its stack is moved to, and others don't,
// on whatever stacks they are.
func TestSettle(t *testing.T) {
	defer watchdog(t)()
	var locals, others Locals[int]
	for range 20 {
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				if got := locals.Get(); got != nil {
					t.Errorf("a goroutine finds %p, and has not settled", got)
				}
				deepen(i)
				if i%2 == 0 {
					return
				}
				v := new(int)
				if old := locals.Settle(v); old != nil {
					t.Errorf("settled in place of %p, where there was nothing", old)
				}
				for range 3 {
					deepen(i)
					runtime.Gosched()
					if got := locals.Get(); got != v {
						t.Errorf("found %p, settled with %p", got, v)
					}
					if got := others.Get(); got != nil {
						t.Errorf("found %p in Locals in which nobody has settled", got)
					}
				}
				locals.Unsettle()
				if got := locals.Get(); got != nil {
					t.Errorf("found %p after Unsettle", got)
				}
			})
		}
		runtime.GC() // makes stacks smaller
		wg.Wait()
	}
}

// Who settles takes the place of a goroutine that has kept its value until its end.
func TestSettleInPlaceOfAnother(t *testing.T) {
	var locals Locals[int]
	done := make(chan struct{})
	go func() {
		defer close(done)
		kept, settled := new(int), new(int)
		locals.Enter(kept)
		if old := locals.Settle(settled); old != kept {
			t.Errorf("settled in place of %p, want %p", old, kept)
		}
		if got := locals.Get(); got != settled {
			t.Errorf("found %p, settled with %p", got, settled)
		}
		locals.Unsettle()
		if n := locals.t.live; n != 0 {
			t.Errorf("the table has %d values, want none", n)
		}
	}()
	<-done
}
