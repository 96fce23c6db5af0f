package sched

import (
	"sync"
	"sync/atomic"
	"testing"
)

// While a request stands, others that come and go beside it don't hide it from safepoints.
func TestPendingCountsAllThatStands(t *testing.T) {
	s := queuesOnly(2)
	asked, other := s.workers[0], s.workers[1]
	asked.ask(preemptHigh)
	var watch stackWatch
	var over atomic.Bool
	var asks sync.WaitGroup
	asks.Go(func() {
		for !over.Load() {
			other.ask(preemptSeen)
			watch.ask()
		}
	})
	for range 5_000_000 {
		other.acknowledge()
		watch.answer()
		if !Pending() {
			t.Error("a request stands, and safepoints pass it by")
			break
		}
	}
	over.Store(true)
	asks.Wait()
	other.acknowledge()
	watch.answer()
	if asked.acknowledge(); PendingCount() != 0 {
		t.Errorf("%d requests stand when all have been answered", PendingCount())
	}
}
