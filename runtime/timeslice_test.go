package gv_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// Threads of one priority take turns also where more urgent ones come more often
// than slices end, for each of which one makes way: a slice goes on after that.
func TestSlicesOfDisplacedThreads(t *testing.T) {
	const equals, requests = 4, 3000
	for _, deaf := range []bool{false, true} {
		name := "safepoints"
		if deaf {
			name = "deaf"
		}
		t.Run(name, func(t *testing.T) {
			rt := openForced(t, gv.Config{Workers: 1, MaxWait: long})
			var ran atomic.Int32
			var low []*gv.Thread
			for range equals {
				low = append(low, rt.Go(func(context.Context) error {
					ran.Add(1)
					for ran.Load() < equals {
						spin(1000)
						if !deaf {
							gv.Safepoint()
						}
					}
					return nil
				}, gv.WithPriority(gv.Low)))
			}
			for n := 0; ran.Load() < equals; n++ {
				if n == requests {
					t.Errorf("after %d requests %d of %d threads have run", n, ran.Load(), equals)
					ran.Store(equals)
				}
				if err := rt.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.Critical)).Wait(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Millisecond)
			}
			if err := waitAll(low); err != nil {
				t.Error(err)
			}
		})
	}
}
