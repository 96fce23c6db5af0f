package gv_test

import (
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// Beside threads of higher priority that would keep all workers, a class gets about its
// share of their time: at least half of it, however busy the machine is. MaxWait has no
// part in that.
func TestMinShare(t *testing.T) {
	c := gv.Config{Workers: 2, MaxWait: long, Accounting: true}
	c.MinShare[gv.Low], c.MinShare[gv.Normal] = 0.2, 0.1
	onEachEngine(t, c, func(t *testing.T, rt *gv.Runtime) {
		var spinners []*spinner
		for _, p := range []gv.Priority{gv.Critical, gv.Normal, gv.Low} {
			for range 3 {
				spinners = append(spinners, startSpinner(rt, p, true))
			}
		}
		until(func() bool {
			var had [4]time.Duration
			all := time.Duration(0)
			for _, s := range spinners {
				d := s.thread.RunTime()
				had[s.thread.Priority()] += d
				all += d
			}
			return all > time.Second && had[gv.Low] > all/10 && had[gv.Normal] > all/20 && had[gv.Critical] > all/10
		})
		for _, s := range spinners {
			if err := s.end(); err != nil {
				t.Error(err)
			}
		}
		// On the Portable engine, spinners that Go's scheduler doesn't run for a while lose their
		// workers to others.
		if s := rt.Stats(); rt.Capabilities().Engine == gv.Native && s.Boosts == 0 {
			t.Errorf("nothing was boosted: %+v", s)
		}
	})
}
