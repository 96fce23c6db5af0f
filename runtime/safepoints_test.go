package gv_test

import (
	"context"
	"errors"
	"sync/atomic"
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

// A thread makes way at the first safepoint that it comes to once a more urgent thread is
// ready, on the Portable engine, too: this is all that preempts there.
func TestFirstSafepointPreempts(t *testing.T) {
	enoughProcessors(t)
	const rounds = 200
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			c := gv.Config{Engine: engine, Workers: 1, MaxWait: long, NoForced: true}
			undisturbed(t, c, func(rt *gv.Runtime) error {
				// started counts the urgent threads that the goroutine has made ready, and ran
				// those that have run.
				var started, ran atomic.Int64
				low := rt.Go(func(context.Context) error {
					for ran.Load() < rounds {
						ready := started.Load()
						gv.Safepoint()
						if n := ran.Load(); n < ready {
							return errors.New("a thread has passed a safepoint while a more urgent one was ready")
						}
						enginetest.Spin(100)
					}
					return nil
				}, gv.WithPriority(gv.Low))
				for n := range int64(rounds) {
					urgent := rt.Go(func(context.Context) error {
						ran.Add(1)
						return nil
					}, gv.WithPriority(gv.Critical))
					started.Store(n + 1)
					if err := urgent.Wait(); err != nil {
						return err
					}
				}
				return low.Wait()
			})
		})
	}
}
