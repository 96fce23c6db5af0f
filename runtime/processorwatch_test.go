package gv

import "testing"

// While somebody sets GOMAXPROCS, or opens or closes a runtime, the Monitor can't know
// whether there are enough Ps, and keeps none while it sleeps: the other may wait for it.
func TestMonitorKeepsNoPInDoubt(t *testing.T) {
	var w processorWatch
	processors.lock.Lock()
	w.look(&Runtime{native: true}, 1)
	processors.lock.Unlock()
	if !w.scarce {
		t.Error("the Monitor would keep its P")
	}
}
