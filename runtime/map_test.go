package gv_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// The results come in the order of the values, whichever are there first; no more run than
// n, and no more values are taken beyond what was yielded.
func TestMap(t *testing.T) {
	const n, limit = 40, 4
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		var running atomic.Int32
		taken := 0
		squares := gv.Map(background, count(n, &taken), limit, func(_ context.Context, i int) (int, error) {
			if running.Add(1) > limit {
				t.Errorf("more than %d run at a time", limit)
			}
			for range (n - i) % 7 {
				gv.Yield()
			}
			running.Add(-1)
			return i * i, nil
		}, gv.WithPriority(gv.High))
		for range 2 { // each loop begins anew
			taken = 0
			var got []int
			for square, err := range squares {
				if err != nil {
					t.Errorf("error %v", err)
				}
				got = append(got, square)
				if ahead := taken - len(got); ahead > limit {
					t.Errorf("%d values are taken ahead", ahead)
				}
			}
			if len(got) != n || !slices.IsSorted(got) || got[n-1] != (n-1)*(n-1) {
				t.Errorf("results %v", got)
			}
		}
	})
}

// A result that is there is yielded before another value is taken: here the sequence
// waits for that.
func TestMapYieldsEarly(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		var first atomic.Pointer[gv.Thread]
		yielded := 0
		seq := func(yield func(int) bool) {
			yield(1)
			until(func() bool { return first.Load() != nil && first.Load().State() == gv.StateDone })
			yield(2)
			if yielded == 0 {
				t.Error("the first result is held back")
			}
		}
		for i, err := range gv.Map(background, seq, 10, func(_ context.Context, i int) (int, error) {
			if i == 1 {
				first.Store(gv.Current())
			}
			return i, nil
		}) {
			if yielded++; i != yielded || err != nil {
				t.Errorf("result %d: %d, error %v", yielded, i, err)
			}
		}
		if yielded != 2 {
			t.Errorf("%d results", yielded)
		}
	})
}

// The first failure ends the sequence. What comes before it in the sequence and has ended
// well is yielded, and nothing behind it.
func TestMapFails(t *testing.T) {
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		taken := 0
		var got []int
		var last error
		for i, err := range gv.Map(background, count(-1, &taken), 3, func(_ context.Context, i int) (int, error) {
			if i == 20 {
				return i, errFailure
			}
			return i, nil
		}) {
			if last != nil {
				t.Error("the sequence goes on after an error")
			}
			if last = err; err == nil {
				got = append(got, i)
			} else if i != 0 {
				t.Errorf("%d beside the error", i)
			}
		}
		// The cancellation may have come before the first turn of those just before it.
		if last != errFailure || len(got) < 18 || len(got) > 20 || !slices.IsSorted(got) {
			t.Errorf("results %v, error %v", got, last)
		}

		// A panic is an error like others; and it is not replaced by what follows from it.
		last = nil
		for _, err := range gv.Map(background, count(3, &taken), 3, func(_ context.Context, i int) (int, error) {
			if i == 2 {
				panic("oh")
			}
			return i, gv.Sleep(long)
		}) {
			last = err
		}
		if !slices.Equal(panicsOf(last), []any{"oh"}) {
			t.Errorf("error %v", last)
		}
	})
}

// A loop that ends early has cancelled the rest, and waited for it; a panic there is not
// lost.
func TestMapIsLeft(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(context.Context) error {
			var begun, running atomic.Int32
			taken := 0
			for i, err := range gv.Map(background, count(-1, &taken), 3, func(ctx context.Context, i int) (int, error) {
				if i == 0 {
					until(func() bool { return begun.Load() == 2 })
					return i, nil
				}
				begun.Add(1)
				running.Add(1)
				defer running.Add(-1)
				gv.Block(func() { <-ctx.Done() })
				if i == 1 {
					panic("oh")
				}
				return i, ctx.Err()
			}) {
				if i != 0 || err != nil {
					t.Errorf("%d, %v", i, err)
				}
				break
			}
			if running.Load() != 0 || begun.Load() != 2 {
				t.Errorf("%d run, %d have begun", running.Load(), begun.Load())
			}
			return nil
		})
		if !slices.Equal(panicsOf(err), []any{"oh"}) {
			t.Errorf("Run: %v", err)
		}
	})
}

// The sequence ends when its context does, or the thread that loops is cancelled, however
// well the functions end.
func TestMapIsCancelled(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		for name, how := range map[string]func(caller *gv.Thread, cancel context.CancelCauseFunc){
			"context": func(_ *gv.Thread, cancel context.CancelCauseFunc) { cancel(errFailure) },
			"thread":  func(caller *gv.Thread, _ context.CancelCauseFunc) { caller.Cancel(errFailure) },
		} {
			t.Run(name, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(background)
				var begun atomic.Int32
				caller := rt.Go(func(context.Context) error {
					taken := 0
					var last error
					for _, err := range gv.Map(ctx, count(-1, &taken), 2, func(ctx context.Context, i int) (int, error) {
						begun.Add(1)
						if i > 5 {
							gv.Block(func() { <-ctx.Done() })
						}
						return i, nil
					}) {
						last = err
					}
					return last
				})
				until(func() bool { return begun.Load() == 8 })
				how(caller, cancel)
				if err := caller.Wait(); !errors.Is(err, errFailure) || !errors.Is(err, gv.ErrCancelled) {
					t.Errorf("error %v", err)
				}
			})
		}
	})
}
