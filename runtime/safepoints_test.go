package gv_test

import (
	"context"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// Threads that come to safepoints all the time are preempted by these: that they were
// stopped once, or lose their cores to other programs, makes no difference.
func TestSafepointsPreempt(t *testing.T) {
	rt := openForced(t, gv.Config{Workers: 1})
	const preemptions = 40
	var threads []*gv.Thread
	for range 3 {
		threads = append(threads, rt.Go(func(context.Context) error {
			for {
				if s := rt.Stats(); s.Cooperative+s.Forced >= preemptions {
					return nil
				}
				for range 1000 {
					enginetest.Spin(100)
					gv.Safepoint()
				}
			}
		}))
	}
	if err := waitAll(threads); err != nil {
		t.Fatal(err)
	}
	if s := rt.Stats(); s.Cooperative < s.Forced {
		t.Errorf("%d preemptions at safepoints, %d by force", s.Cooperative, s.Forced)
	}
}
