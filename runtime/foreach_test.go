package gv_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// count yields the numbers from 0 up to n, or for ever if n is negative, and counts in
// taken how many have been asked for. Its state is not locked: one asks at a time.
func count(n int, taken *int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i != n; i++ {
			*taken++
			if !yield(i) {
				return
			}
		}
	}
}

func TestForEach(t *testing.T) {
	const n, limit = 50, 3
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		var running atomic.Int32
		done := make([]atomic.Bool, n)
		taken := 0
		err := gv.ForEach(background, count(n, &taken), limit, func(_ context.Context, i int) error {
			if running.Add(1) > limit {
				t.Errorf("more than %d run at a time", limit)
			}
			gv.Yield()
			running.Add(-1)
			if me := gv.Current(); me.Name() != "each" || done[i].Swap(true) {
				t.Errorf("%q, for a second time: %v", me.Name(), done[i].Load())
			}
			return nil
		}, gv.WithName("each"))
		if err != nil {
			t.Errorf("ForEach: %v", err)
		}
		for i := range done {
			if !done[i].Load() {
				t.Errorf("%d is left out", i)
			}
		}
		if err := gv.ForEach(background, slices.Values[[]int](nil), 1, func(context.Context, int) error { return nil }); err != nil {
			t.Errorf("ForEach of nothing: %v", err)
		}
	})
}

// After the first failure nothing more is taken or called, and it is what ForEach returns.
// The sequence has no end: so this would not, either.
func TestForEachFails(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		taken := 0
		var failed atomic.Bool
		err := gv.ForEach(background, count(-1, &taken), 2, func(ctx context.Context, i int) error {
			switch {
			case failed.Load():
				t.Error("a function is called after the failure")
			case i == 10:
				return errFailure
			case i == 9:
				gv.Block(func() { <-ctx.Done() })
				failed.Store(true)
				return ctx.Err()
			}
			return nil
		})
		if err != errFailure {
			t.Errorf("ForEach: %v", err)
		}
		if taken > 12 {
			t.Errorf("%d values were taken", taken)
		}

		ctx, cancel := context.WithCancelCause(background)
		cancel(errFailure)
		err = gv.ForEach(ctx, count(-1, &taken), 2, func(context.Context, int) error {
			t.Error("a function is called after the end of the context")
			return nil
		})
		if !errors.Is(err, errFailure) || !errors.Is(err, gv.ErrCancelled) {
			t.Errorf("ForEach: %v", err)
		}
	})
}

// If the sequence panics, the threads are cancelled and have ended when that arrives, and
// the panic of one of them is not lost: it is the Run's.
func TestForEachOfPanickingSequence(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(context.Context) error {
			var running atomic.Int32
			mustPanic(t, "sequence", func() {
				gv.ForEach(background, func(yield func(int) bool) {
					yield(1)
					until(func() bool { return running.Load() == 1 })
					panic("sequence")
				}, 1, func(ctx context.Context, i int) error {
					running.Add(1)
					defer running.Add(-1)
					gv.Block(func() { <-ctx.Done() })
					panic("thread")
				})
			})
			if running.Load() != 0 {
				t.Error("a thread has not ended")
			}
			return nil
		})
		if !slices.Equal(panicsOf(err), []any{"thread"}) {
			t.Errorf("Run: %v", err)
		}
	})
}

func TestLoopMisuse(t *testing.T) {
	nothing := slices.Values([]int(nil))
	mustPanic(t, "gv: ForEach with at most 0 threads at a time: it must be at least 1",
		func() { gv.ForEach(background, nothing, 0, func(context.Context, int) error { return nil }) })
	mustPanic(t, "gv: ForEach of a nil function", func() { gv.ForEach(background, nothing, 1, nil) })
	mustPanic(t, "gv: Map with at most -1 threads at a time: it must be at least 1",
		func() { gv.Map(background, nothing, -1, func(context.Context, int) (int, error) { return 0, nil }) })
	mustPanic(t, "gv: Map of a nil function", func() { gv.Map[int, int](background, nothing, 1, nil) })
}
