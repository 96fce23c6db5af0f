package gv_test

import (
	"context"
	"sync"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// lockShares is what contenders get of a lock, each of which does other work after each
// critical section.
type lockShares struct {
	sync.Locker
	left    int // how many critical sections, guarded by the lock
	share   [contenders]int
	longest [contenders]time.Duration
}

// use has contender id use the lock until nothing is left.
func (s *lockShares) use(id int, outside func()) {
	for {
		asked := time.Now()
		s.Lock()
		s.longest[id] = max(s.longest[id], time.Since(asked))
		if s.left == 0 {
			s.Unlock()
			return
		}
		s.left--
		s.share[id]++
		work()
		s.Unlock()
		outside()
	}
}

// report says for how long one has waited at most, and what the one with the fewest critical
// sections has had of its equal share.
func (s *lockShares) report(b *testing.B) {
	longest, least := s.longest[0], s.share[0]
	for id := range s.share {
		longest, least = max(longest, s.longest[id]), min(least, s.share[id])
	}
	b.ReportMetric(float64(longest.Microseconds()), "µs-longest")
	b.ReportMetric(float64(least*contenders)/float64(b.N), "least-share")
}

// workOutside is what contenders do without the lock: about 1 µs.
func workOutside() {
	sum := 0
	for i := range 4000 {
		sum += i
	}
	if sum < 0 {
		panic("unreachable")
	}
}

func benchmarkThreadShares(b *testing.B, outside func()) {
	var m gv.Mutex
	s := &lockShares{Locker: &m, left: b.N}
	onThread(b, 2, func(*gv.Runtime) {
		var wg gv.WaitGroup
		for id := range contenders {
			wg.Go(func(context.Context) error {
				s.use(id, outside)
				return nil
			})
		}
		wg.Wait()
	})
	s.report(b)
}

func benchmarkGoroutineShares(b *testing.B, outside func()) {
	var m sync.Mutex
	s := &lockShares{Locker: &m, left: b.N}
	b.ReportAllocs()
	var wg sync.WaitGroup
	for id := range contenders {
		wg.Go(func() { s.use(id, outside) })
	}
	wg.Wait()
	s.report(b)
}

// What each gets, and for how long it waits, where nothing is done outside the lock.
func BenchmarkThreadMutexShares(b *testing.B)    { benchmarkThreadShares(b, func() {}) }
func BenchmarkGoroutineMutexShares(b *testing.B) { benchmarkGoroutineShares(b, func() {}) }

// The same with 1 µs of work outside the lock.
func BenchmarkThreadMutexSharesWorking(b *testing.B)    { benchmarkThreadShares(b, workOutside) }
func BenchmarkGoroutineMutexSharesWorking(b *testing.B) { benchmarkGoroutineShares(b, workOutside) }
