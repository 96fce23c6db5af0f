package gv_test

import (
	"context"
	goruntime "runtime"
	"sync"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// Two threads that take turns; an operation is one Yield.
func BenchmarkThreadYield(b *testing.B) {
	onThread(b, 1, func(rt *gv.Runtime) {
		yield := func(context.Context) error {
			for range b.N / 2 {
				gv.Yield()
			}
			return nil
		}
		rt.Go(yield)
		yield(background)
	})
}

func BenchmarkGoroutineYield(b *testing.B) {
	b.ReportAllocs()
	defer goruntime.GOMAXPROCS(goruntime.GOMAXPROCS(1))
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range b.N / 2 {
				goruntime.Gosched()
			}
		})
	}
	wg.Wait()
}

// Start one and wait for its end.
func BenchmarkThreadSpawn(b *testing.B) {
	onThread(b, 1, func(rt *gv.Runtime) {
		nothing := func(context.Context) error { return nil }
		for range b.N {
			rt.Go(nothing).Wait()
		}
	})
}

// The same from a plain goroutine, in one.
func BenchmarkThreadDo(b *testing.B) {
	rt, err := gv.New(gv.Config{Workers: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer rt.Close()
	b.ReportAllocs()
	nothing := func(context.Context) error { return nil }
	for b.Loop() {
		rt.Do(nothing)
	}
}

func BenchmarkGoroutineSpawn(b *testing.B) {
	b.ReportAllocs()
	defer goruntime.GOMAXPROCS(goruntime.GOMAXPROCS(1))
	var wg sync.WaitGroup
	for range b.N {
		wg.Go(func() {})
		wg.Wait()
	}
}

// A check that finds nothing to do.
func BenchmarkThreadSafepoint(b *testing.B) {
	onThread(b, 1, func(*gv.Runtime) {
		for range b.N {
			gv.Safepoint()
		}
	})
}
