package gv_test

import (
	"context"
	"errors"
	"math"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

func TestWaitGroup(t *testing.T) {
	const n = 16
	forEachCrew(t, func(t *testing.T, g *crew) {
		var first, second gv.WaitGroup
		for range 5 { // a WaitGroup may be used again
			first.Add(n)
			second.Add(n)
			var gone atomic.Int32
			for range n {
				g.start(func() {
					first.Done()
					second.Wait()
					gone.Add(1)
				})
			}
			first.Wait()
			untilWaiting(&second, n)
			for range n {
				if gone.Load() != 0 {
					t.Fatal("Wait has returned too early")
				}
				second.Done()
			}
			g.wait()
			first.Wait()
			second.Wait()
		}
	})
}

func TestWaitGroupMisuse(t *testing.T) {
	const want = "gv: negative WaitGroup counter"
	var wg gv.WaitGroup
	wg.Add(1)
	wg.Done()
	mustPanic(t, want, wg.Done)
	mustPanic(t, want, func() { new(gv.WaitGroup).Add(-1) })
	var unharmed gv.WaitGroup
	mustPanic(t, "gv: thread of a nil function", func() { unharmed.Go(nil) })
	unharmed.Wait()
}

// Done and Wait are ordered, whoever is the last.
func TestWaitGroupExtremes(t *testing.T) {
	for delta, want := range map[int]string{
		math.MinInt: "gv: negative WaitGroup counter",
		math.MaxInt: "gv: WaitGroup counter overflows",
	} {
		func() {
			defer func() {
				if v := recover(); v != want {
					t.Errorf("Add(%d): recovered %v, want %s", delta, v, want)
				}
			}()
			var wg gv.WaitGroup
			wg.Add(1)
			wg.Add(delta)
		}()
	}
}

func TestWaitGroupRace(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		for range 300 {
			var wg gv.WaitGroup
			var a, b int
			wg.Add(2)
			g.start(func() {
				a = 1
				wg.Done()
			})
			g.start(func() {
				b = 1
				wg.Done()
			})
			wg.Wait()
			if a+b != 2 {
				t.Fatal("Wait has returned too early")
			}
			g.wait()
		}
	})
}

func TestWaitGroupContext(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		var wg gv.WaitGroup
		wg.Add(1)
		cause := errors.New("cause")
		ctx, cancel := context.WithCancelCause(context.Background())
		for range 3 {
			g.start(func() {
				if err := wg.WaitContext(ctx); err != cause {
					t.Errorf("WaitContext: %v", err)
				}
			})
		}
		g.start(func() {
			if err := wg.WaitContext(context.Background()); err != nil {
				t.Errorf("WaitContext: %v", err)
			}
		})
		untilWaiting(&wg, 4)
		cancel(cause)
		untilWaiting(&wg, 1)
		wg.Done()
		g.wait()
		if err := wg.WaitContext(ctx); err != cause {
			t.Errorf("WaitContext: %v", err)
		}
		if err := wg.WaitContext(context.Background()); err != nil {
			t.Errorf("WaitContext: %v", err)
		}
	})
}

func TestWaitGroupGo(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(context.Context) error {
			var wg gv.WaitGroup
			var ran atomic.Int32
			failure := errors.New("failure")
			failing := wg.Go(func(context.Context) error {
				ran.Add(1)
				return failure
			}, gv.WithName("failing"), gv.WithPriority(gv.Low))
			for range 10 {
				wg.Go(func(context.Context) error {
					gv.Yield()
					ran.Add(1)
					return nil
				})
			}
			if failing.Name() != "failing" || failing.Priority() != gv.Low {
				t.Errorf("options are lost: %q, %v", failing.Name(), failing.Priority())
			}
			wg.Wait()
			if n := ran.Load(); n != 11 {
				t.Errorf("Wait has returned when %d of 11 had run", n)
			}
			if err := failing.Wait(); err != failure {
				t.Errorf("Wait: %v", err)
			}

			// A thread counts until it has ended, however it ends.
			wg.Go(func(context.Context) error { panic("lost") }).Wait()
			ended := wg.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.Low))
			ended.Cancel(nil)
			wg.Wait()
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// Wait does not hear of a panic: it is there for who asks the thread after.
func TestWaitGroupDoesNotHearPanics(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var wg gv.WaitGroup
		err := rt.Do(func(context.Context) error {
			th := wg.Go(func(context.Context) error { panic("unheard") })
			wg.Wait()
			return th.Err()
		})
		var p *gv.PanicError
		if !errors.As(err, &p) || p.Value != "unheard" {
			t.Errorf("the thread's error is %v, want its panic", err)
		}
	})
}

// Threads that can't be started don't count.
func TestWaitGroupGoBeyondMaxThreads(t *testing.T) {
	defer watchdog(t)()
	rt, err := gv.New(gv.Config{MaxThreads: 1})
	if err != nil {
		t.Fatal(err)
	}
	err = rt.Run(func(context.Context) error {
		var wg gv.WaitGroup
		if err := wg.Go(func(context.Context) error { return nil }).Wait(); !errors.Is(err, gv.ErrTooManyThreads) {
			t.Errorf("Wait: %v", err)
		}
		wg.Wait()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := rt.Close(); err != nil {
		t.Error(err)
	}
}
