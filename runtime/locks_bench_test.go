package gv_test

//lint:file-ignore SA2001 to lock and unlock is all that is wanted here

import (
	"context"
	"sync"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

func BenchmarkThreadMutexUncontended(b *testing.B) {
	onThread(b, 1, func(*gv.Runtime) {
		var m gv.Mutex
		for b.Loop() {
			m.Lock()
			m.Unlock()
		}
	})
}

func BenchmarkGoroutineMutexUncontended(b *testing.B) {
	var m sync.Mutex
	for b.Loop() {
		m.Lock()
		m.Unlock()
	}
}

// A gv.Mutex in a plain goroutine.
func BenchmarkThreadMutexInGoroutineUncontended(b *testing.B) {
	var m gv.Mutex
	for b.Loop() {
		m.Lock()
		m.Unlock()
	}
}

// contenders is how many take part in a contended benchmark.
const contenders = 16

// contendThreads runs b.N turns of fn, divided among threads on two workers.
func contendThreads(b *testing.B, fn func()) {
	onThread(b, 2, func(*gv.Runtime) {
		var wg gv.WaitGroup
		for range contenders {
			wg.Go(func(context.Context) error {
				for range b.N / contenders {
					fn()
				}
				return nil
			})
		}
		wg.Wait()
	})
}

// contendGoroutines does the same with goroutines.
func contendGoroutines(b *testing.B, fn func()) {
	b.ReportAllocs()
	var wg sync.WaitGroup
	for range contenders {
		wg.Go(func() {
			for range b.N / contenders {
				fn()
			}
		})
	}
	wg.Wait()
}

// work is what benchmarks do with a lock held: about 100 ns.
//
//go:noinline
func work() {
	for i := range 100 {
		worked += i
	}
}

var worked int

func BenchmarkThreadMutexContended(b *testing.B) {
	var m gv.Mutex
	contendThreads(b, func() {
		m.Lock()
		work()
		m.Unlock()
	})
}

func BenchmarkGoroutineMutexContended(b *testing.B) {
	var m sync.Mutex
	contendGoroutines(b, func() {
		m.Lock()
		work()
		m.Unlock()
	})
}

// The same with a switch while the lock is held, so that all others queue.
func BenchmarkThreadMutexQueued(b *testing.B) {
	var m gv.Mutex
	contendThreads(b, func() {
		m.Lock()
		gv.Yield()
		m.Unlock()
	})
}

func BenchmarkGoroutineMutexQueued(b *testing.B) {
	var m sync.Mutex
	contendGoroutines(b, func() {
		m.Lock()
		gv.Yield()
		m.Unlock()
	})
}

func BenchmarkThreadRWMutexRead(b *testing.B) {
	var m gv.RWMutex
	contendThreads(b, func() {
		m.RLock()
		m.RUnlock()
	})
}

func BenchmarkGoroutineRWMutexRead(b *testing.B) {
	var m sync.RWMutex
	contendGoroutines(b, func() {
		m.RLock()
		m.RUnlock()
	})
}

func BenchmarkThreadSemaphore(b *testing.B) {
	s := gv.NewSemaphore(1)
	contendThreads(b, func() {
		s.Acquire(background, 1)
		s.Release(1)
	})
}

func BenchmarkGoroutineSemaphore(b *testing.B) {
	s := make(chan struct{}, 1)
	contendGoroutines(b, func() {
		s <- struct{}{}
		<-s
	})
}

func BenchmarkThreadCond(b *testing.B) {
	var m gv.Mutex
	c := gv.NewCond(&m)
	turn := 0
	onThread(b, 1, func(rt *gv.Runtime) {
		takeTurns := func(me int) {
			m.Lock()
			for range b.N {
				for turn != me {
					c.Wait()
				}
				turn = 1 - me
				c.Signal()
			}
			m.Unlock()
		}
		rt.Go(func(context.Context) error {
			takeTurns(1)
			return nil
		})
		takeTurns(0)
	})
}

func BenchmarkGoroutineCond(b *testing.B) {
	var m sync.Mutex
	c := sync.NewCond(&m)
	turn := 0
	takeTurns := func(me int) {
		m.Lock()
		for range b.N {
			for turn != me {
				c.Wait()
			}
			turn = 1 - me
			c.Signal()
		}
		m.Unlock()
	}
	go takeTurns(1)
	takeTurns(0)
}
