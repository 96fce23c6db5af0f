package gv_test

import (
	"context"
	"fmt"
	goruntime "runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// forEachEngineB runs bench as a sub-benchmark for each engine.
func forEachEngineB(b *testing.B, c gv.Config, bench func(b *testing.B, rt *gv.Runtime)) {
	for _, engine := range engines {
		b.Run(engine.String(), func(b *testing.B) {
			c.Engine = engine
			rt, err := gv.New(c)
			if err != nil {
				b.Skip(err)
			}
			bench(b, rt)
			b.StopTimer()
			if err := rt.Close(); err != nil {
				b.Error(err)
			}
		})
	}
}

var ringSizes = []int{2, 100, 10_000}

// BenchmarkThreadYieldRing: n threads on one worker yield in turn; the time is that
// of one switch.
func BenchmarkThreadYieldRing(b *testing.B) {
	for _, n := range ringSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			forEachEngineB(b, gv.Config{Workers: 1}, func(b *testing.B, rt *gv.Runtime) {
				each := b.N/n + 1
				err := rt.Run(func(context.Context) error {
					for range n {
						gv.Go(func(context.Context) error {
							for range each {
								gv.Yield()
							}
							return nil
						})
					}
					b.ResetTimer()
					return nil
				}, gv.WithPriority(gv.High))
				if err != nil {
					b.Error(err)
				}
			})
		})
	}
}

// BenchmarkGoschedRing is BenchmarkThreadYieldRing with goroutines on one P.
func BenchmarkGoschedRing(b *testing.B) {
	for _, n := range ringSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			defer goruntime.GOMAXPROCS(goruntime.GOMAXPROCS(1))
			each := b.N/n + 1
			var wg sync.WaitGroup
			for range n {
				wg.Go(func() {
					for range each {
						goruntime.Gosched()
					}
				})
			}
			b.ResetTimer()
			wg.Wait()
		})
	}
}

// busyOthers is how many others compute beside those who sleep.
const busyOthers = 64

// reportLateness reports how late a sleeper woke up, in the median and at worst
// in 99 of 100 times. sleep sleeps for a millisecond.
func reportLateness(b *testing.B, sleep func()) {
	const d = time.Millisecond
	late := make([]time.Duration, 0, b.N)
	for range b.N {
		start := time.Now()
		sleep()
		late = append(late, time.Since(start)-d)
	}
	slices.Sort(late)
	us := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
	b.ReportMetric(us(late[len(late)/2]), "p50-us")
	b.ReportMetric(us(late[len(late)*99/100]), "p99-us")
}

// BenchmarkThreadWakeup: a Critical thread sleeps for a millisecond again and
// again beside 64 Low threads that compute.
func BenchmarkThreadWakeup(b *testing.B) {
	for _, safepoints := range []bool{true, false} {
		b.Run(fmt.Sprintf("safepoints=%v", safepoints), func(b *testing.B) {
			forEachEngineB(b, gv.Config{}, func(b *testing.B, rt *gv.Runtime) {
				var stop atomic.Bool
				for range busyOthers {
					rt.Go(func(context.Context) error {
						for !stop.Load() {
							enginetest.Spin(100)
							if safepoints {
								gv.Safepoint()
							}
						}
						return nil
					}, gv.WithPriority(gv.Low))
				}
				err := rt.Go(func(context.Context) error {
					b.ResetTimer()
					reportLateness(b, func() { gv.Sleep(time.Millisecond) })
					stop.Store(true)
					return nil
				}, gv.WithPriority(gv.Critical)).Wait()
				if err != nil {
					b.Error(err)
				}
			})
		})
	}
}

// BenchmarkGoroutineWakeup is the same with goroutines.
func BenchmarkGoroutineWakeup(b *testing.B) {
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range busyOthers {
		wg.Go(func() {
			for !stop.Load() {
				enginetest.Spin(100)
			}
		})
	}
	b.ResetTimer()
	reportLateness(b, func() { time.Sleep(time.Millisecond) })
	b.StopTimer()
	stop.Store(true)
	wg.Wait()
}
