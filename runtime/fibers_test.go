package gv_test

import (
	"context"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// Goroutines that many threads have left idle are given back when nobody has needed them for a
// while, but for some.
func TestIdleFibersEnd(t *testing.T) {
	const workers, threads, stay = 2, 4000, 1024 + 2*64
	onEachEngine(t, gv.Config{Workers: workers}, func(t *testing.T, rt *gv.Runtime) {
		gate := gv.NewChan[int](0)
		var all []*gv.Thread
		for range threads {
			all = append(all, rt.Go(func(context.Context) error {
				_, err := gate.Recv()
				return err
			}))
		}
		untilReceivers(gate, threads)
		gate.Close()
		for _, th := range all {
			if err := th.Wait(); err != gv.ErrClosed {
				t.Errorf("Recv of a closed Chan: %v", err)
			}
		}
		until(func() bool { return rt.Stats().Fibers <= stay })
		if err := rt.Run(func(context.Context) error { return nil }); err != nil {
			t.Error(err)
		}
	})
}
