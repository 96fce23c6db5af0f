package arch

import (
	"fmt"
	"runtime"
	"testing"
)

// ring starts n fibers that pass control around for b.N switches.
func ring(b *testing.B, n int, native bool) {
	fibers := make([]*Fiber, n)
	var lock Lock
	parked := make(chan struct{}, n) // a pinned goroutine must not block
	done := make(chan struct{})
	per := b.N/n + 1
	for i := range fibers {
		fibers[i] = new(Fiber)
		go func() {
			f := fibers[i]
			f.Bind(native)
			Pin()
			parked <- struct{}{}
			f.Park(nil)
			next := fibers[(i+1)%n]
			for range per {
				lock.Lock()
				f.Switch(next, &lock)
			}
			if i+1 < n {
				next.Ready()
			} else {
				close(done)
			}
		}()
	}
	for range fibers {
		<-parked
	}
	b.ResetTimer()
	fibers[0].Ready()
	<-done
}

func BenchmarkSwitch(b *testing.B) {
	for _, n := range []int{2, 100, 10000} {
		b.Run(fmt.Sprintf("native/%d", n), func(b *testing.B) {
			if err := Native(); err != nil {
				b.Skip(err)
			}
			ring(b, n, true)
		})
		b.Run(fmt.Sprintf("portable/%d", n), func(b *testing.B) { ring(b, n, false) })
	}
}

// BenchmarkGosched is what Go's own scheduler takes for the same.
func BenchmarkGosched(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	done := make(chan struct{})
	go func() {
		for range b.N / 2 {
			runtime.Gosched()
		}
		close(done)
	}()
	for range b.N / 2 {
		runtime.Gosched()
	}
	<-done
}
