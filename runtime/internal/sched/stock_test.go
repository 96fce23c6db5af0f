package sched

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// burst has the only worker of s carry an urgent task while n more become ready, of which the
// first few wait until the others have run. It returns how many fibers there are then.
func burst(s *Scheduler, n, few int) (count int) {
	var release atomic.Bool
	_, done := run(s, Critical, func(*Task) {
		for !release.Load() {
		}
	})
	waits := make(chan Ticket, few)
	var first, others sync.WaitGroup
	first.Add(few)
	others.Add(n - few)
	for i := range n {
		newTaskOf(s, Normal, func() {
			if i >= few {
				others.Done()
				return
			}
			k := Current().Arm(false)
			waits <- k
			k.Wait()
			first.Done()
		}).Make(New)
	}
	release.Store(true)
	<-done
	others.Wait()
	for len(waits) < few {
		runtime.Gosched()
	}
	count = int(s.fibers.count.Load())
	for range few {
		k := <-waits
		if _, blocked := k.Claim(); blocked {
			k.Wake()
		}
	}
	first.Wait()
	return count
}

// Where many tasks wait that have no fibers these are started together, but not if the last
// ones left theirs; and all end when the scheduler is closed, wherever they are.
func TestStock(t *testing.T) {
	const many = 4 * stockSize
	for _, tt := range []struct{ tasks, few, least, most int }{
		{many, 0, 1, 2},
		{stockSize, 10, 10, stockSize},
		{many, 10, stockSize, many + stockSize},
		{many, many, many, many + 2*stockSize},
	} {
		enough := false
		for range 20 {
			s := new(Scheduler)
			s.Start(start(t, 1).config)
			n := burst(s, tt.tasks, tt.few)
			if n > tt.most {
				t.Errorf("%d tasks, of which %d wait, were given %d fibers, want at most %d", tt.tasks, tt.few, n, tt.most)
			}
			// Where the machine stands still the urgent task is not always in the way.
			enough = enough || n >= tt.least
			s.Close()
			if n := s.fibers.count.Load(); n != 0 {
				t.Errorf("%d fibers are alive after Close", n)
			}
		}
		if !enough {
			t.Errorf("%d tasks, of which %d wait, were never given %d fibers", tt.tasks, tt.few, tt.least)
		}
	}
}
