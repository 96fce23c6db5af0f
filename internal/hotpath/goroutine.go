package hotpath

//lint:file-ignore SA2001 to lock and unlock is all that is wanted here

import (
	goruntime "runtime"
	"sync"
	"sync/atomic"
)

func gosched(n int, measure func(func())) {
	var stop atomic.Bool
	var other sync.WaitGroup
	other.Go(func() {
		for !stop.Load() {
			goruntime.Gosched()
		}
	})
	goruntime.Gosched() // the other starts
	measure(func() {
		for range n / 2 {
			goruntime.Gosched()
		}
	})
	stop.Store(true)
	other.Wait()
}

func goHandover(n int, measure func(func())) {
	ping, pong := make(chan int), make(chan int)
	var other sync.WaitGroup
	other.Go(func() {
		for v := range ping {
			pong <- v
		}
	})
	pass := func(n int) {
		for i := range n / 2 {
			ping <- i
			<-pong
		}
	}
	pass(2) // the other starts
	measure(func() { pass(n) })
	close(ping)
	other.Wait()
}

func goChoose(n int, measure func(func())) {
	ping, pong, never := make(chan int), make(chan int), make(chan int)
	var other sync.WaitGroup
	other.Go(func() {
		for {
			select {
			case v, ok := <-ping:
				if !ok {
					return
				}
				pong <- v
			case <-never:
			}
		}
	})
	pass := func(n int) {
		for i := range n {
			ping <- i
			select {
			case <-pong:
			case <-never:
			}
		}
	}
	pass(1)
	measure(func() { pass(n) })
	close(ping)
	other.Wait()
}

func goMutex(n int, measure func(func())) {
	var m sync.Mutex
	measure(func() {
		for range n {
			m.Lock()
			m.Unlock()
		}
	})
}

func goSpawn(n int, measure func(func())) {
	var one sync.WaitGroup
	measure(func() {
		for range n {
			one.Go(func() {})
			one.Wait()
		}
	})
}
