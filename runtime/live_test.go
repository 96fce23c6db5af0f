package gv_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// ids returns the IDs of the threads of rt.
func ids(rt *gv.Runtime) (ids []uint64) {
	for i := range rt.Threads() {
		ids = append(ids, i.ID)
	}
	return ids
}

// startSleepers starts a chain of threads by each other, and returns those that sleep until
// they are cancelled: the last, and each third before. The others end.
func startSleepers(rt *gv.Runtime, n int) []*gv.Thread {
	sleepers := make(chan *gv.Thread, n)
	var start func(left int) func(context.Context) error
	start = func(left int) func(context.Context) error {
		return func(context.Context) error {
			if left > 0 {
				gv.Go(start(left - 1))
			}
			if left%3 != 0 {
				return nil
			}
			sleepers <- gv.Current()
			return gv.Sleep(time.Hour)
		}
	}
	rt.Go(start(n - 1))
	var threads []*gv.Thread
	for range (n + 2) / 3 {
		threads = append(threads, <-sleepers)
	}
	return threads
}

// A thread is found, and cancelled by Close, also if those have ended that have started it.
func TestThreadsWhoseAncestorsHaveEnded(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			rt := newRuntime(t, gv.Config{Workers: 2, Engine: engine})
			threads := startSleepers(rt, 10)
			until(func() bool { return rt.Stats().Threads == len(threads) })
			var want []uint64
			for _, th := range threads {
				want = append(want, th.ID())
			}
			slices.Sort(want)
			if got := ids(rt); !slices.Equal(got, want) {
				t.Errorf("threads %v are found, want %v", got, want)
			}
			if s := rt.Stats(); s.Started != 10 || s.Finished != 10-uint64(len(want)) {
				t.Errorf("%d threads were started, and %d have ended, want 10 and %d", s.Started, s.Finished, 10-len(want))
			}
			if err := rt.Close(); err != nil {
				t.Error(err)
			}
			for _, th := range threads {
				if err := th.Err(); !errors.Is(err, gv.ErrRuntimeClosed) {
					t.Errorf("thread %d ended with %v", th.ID(), err)
				}
			}
			if got := ids(rt); len(got) != 0 {
				t.Errorf("threads %v are found in a runtime that is closed", got)
			}
		})
	}
}

// Whoever is alive is found, in the order of the IDs, while others start and end: threads of
// goroutines, and threads of threads.
func TestThreadsWhileOthersStart(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		threads := startSleepers(rt, 10)
		nothing := func(context.Context) error { return nil }
		stop, stopped := make(chan struct{}), make(chan error)
		churn := func(start func() error) {
			for {
				select {
				case <-stop:
					stopped <- nil
					return
				default:
				}
				if err := start(); err != nil {
					stopped <- err
					return
				}
			}
		}
		go churn(func() error { return rt.Go(nothing).Wait() })
		go churn(func() error { return rt.Do(nothing) })
		go churn(func() error {
			return rt.Run(func(context.Context) error { return gv.Go(nothing).Wait() })
		})
		for range 100 {
			got := ids(rt)
			if !slices.IsSorted(got) {
				t.Errorf("threads come in the order %v", got)
			}
			for _, th := range threads {
				if !slices.Contains(got, th.ID()) {
					t.Errorf("thread %d is not found among %v", th.ID(), got)
				}
			}
		}
		close(stop)
		for range 3 {
			if err := <-stopped; err != nil {
				t.Error(err)
			}
		}
		for _, th := range threads {
			th.Cancel(nil)
			_ = th.Wait() // its cancellation
		}
		until(func() bool { return rt.Stats().Threads == 0 })
	})
}

// Threads of threads count for MaxThreads, and make room when they have ended.
func TestMaxThreadsOfThreads(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2, MaxThreads: 3}, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(context.Context) error {
			for range 5 {
				first := gv.Go(func(context.Context) error { return gv.Sleep(time.Hour) })
				second := gv.Go(func(context.Context) error { return nil })
				if err := second.Wait(); err != nil {
					return err
				}
				third := gv.Go(func(context.Context) error { return gv.Sleep(time.Hour) })
				if err := gv.Go(func(context.Context) error { return nil }).Err(); !errors.Is(err, gv.ErrTooManyThreads) {
					t.Errorf("a fourth thread: %v", err)
				}
				first.Cancel(nil)
				third.Cancel(nil)
				_, _ = first.Wait(), third.Wait() // their cancellations
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// Whoever has learned of a thread's end, in whatever way, can start another one in its place:
// it isn't counted any more, and isn't found.
func TestEndMakesRoom(t *testing.T) {
	failed := errors.New("failed")
	closed := func(done <-chan struct{}) bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	}
	learns := map[string]func(th *gv.Thread) error{
		// It has ended, mostly, but has not said so yet.
		"Wait": func(th *gv.Thread) error {
			until(func() bool { return th.State() == gv.StateDone })
			return th.Wait()
		},
		"Err": func(th *gv.Thread) (err error) {
			until(func() bool { err = th.Err(); return err != nil })
			return err
		},
		"Done": func(th *gv.Thread) error {
			until(func() bool { return closed(th.Done()) })
			return th.Err()
		},
	}
	ends := map[string]func(context.Context) error{
		"error": func(context.Context) error { return failed },
		"panic": func(context.Context) error { panic(failed) },
	}
	// starts starts threads one after another, while so many others are alive.
	starts := func(t *testing.T, rt *gv.Runtime, others int, end func(context.Context) error, learn func(*gv.Thread) error) {
		for range 1000 {
			th := rt.Go(end)
			done := th.Done()
			err := learn(th)
			n, alive := rt.Stats().Threads, len(ids(rt))
			if !errors.Is(err, failed) || n != others || alive != others || !closed(done) {
				t.Errorf("it has ended with %v, %d are alive, %d are found, want %d; Done is closed: %v", err, n, alive, others, closed(done))
				return
			}
		}
	}
	for how, learn := range learns {
		for with, end := range ends {
			t.Run(how+"/"+with, func(t *testing.T) {
				onEachEngine(t, gv.Config{Workers: 2, MaxThreads: 2}, func(t *testing.T, rt *gv.Runtime) {
					starts(t, rt, 0, end, learn)
					err := rt.Run(func(context.Context) error {
						starts(t, rt, 1, end, learn)
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}
