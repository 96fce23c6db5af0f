package gv_test

import (
	"context"
	"sync"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// The Monitor may look at the stack of a goroutine whose Do has just ended, and that of
// another has begun. For the race detector.
func TestStacksOfDo(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2, MaxStack: 64 << 10}, func(t *testing.T, rt *gv.Runtime) {
		var callers sync.WaitGroup
		for range 8 {
			callers.Go(func() {
				for range 100 {
					var caller sync.WaitGroup // each time another
					caller.Go(func() {
						err := rt.Do(func(context.Context) error {
							for end := time.Now().Add(300 * time.Microsecond); time.Now().Before(end); {
								gv.Safepoint()
							}
							return nil
						})
						if err != nil {
							t.Error(err)
						}
					})
					caller.Wait()
				}
			})
		}
		callers.Wait()
	})
}
