package gvtest_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtest"
)

// onEachEngine has gvtest.Run run what fn returns, on each engine that can be had, and check
// look at what has come of it.
func onEachEngine(t *testing.T, fn func(t testing.TB) func(context.Context) error, check func(t *testing.T, f *fake)) {
	for _, engine := range []gv.Engine{gv.Native, gv.Portable} {
		t.Run(engine.String(), func(t *testing.T) {
			config := gv.Config{Workers: 2, Engine: engine}
			rt, err := gv.New(config)
			if err != nil {
				t.Skip(err)
			}
			rt.Close()
			before := goruntime.NumGoroutine()
			check(t, try(t, func(t *fake) { gvtest.Run(t, fn(t), gvtest.Config(config)) }))
			expectGoroutines(t, before)
		})
	}
}

func TestRunPasses(t *testing.T) {
	onEachEngine(t, func(t testing.TB) func(context.Context) error {
		return func(context.Context) error {
			gv.Go(func(context.Context) error { return gv.Sleep(time.Millisecond) }) // it ends soon
			return gv.Go(func(context.Context) error { return nil }).Wait()
		}
	}, func(t *testing.T, f *fake) { f.expectNothing(t) })
	gvtest.Run(t, func(context.Context) error { return nil })
}

func TestRunReportsErrors(t *testing.T) {
	onEachEngine(t, func(testing.TB) func(context.Context) error {
		return func(context.Context) error {
			gv.Go(func(context.Context) error { return gv.Sleep(time.Hour) })
			return errors.New("no luck")
		}
	}, func(t *testing.T, f *fake) { f.expect(t, "no luck") })
}

func TestRunReportsPanics(t *testing.T) {
	onEachEngine(t, func(testing.TB) func(context.Context) error {
		return func(context.Context) error {
			for th := gv.Go(func(context.Context) error { panic("in a thread") }); th.State() != gv.StateDone; {
				gv.Yield()
			}
			goruntime.GC() // nobody knows the thread any more
			goruntime.GC()
			panic("in fn")
		}
	}, func(t *testing.T, f *fake) { f.expect(t, "in fn", "in a thread", "run_test.go") })
}

func TestRunEndsWithFailNow(t *testing.T) {
	onEachEngine(t, func(t testing.TB) func(context.Context) error {
		return func(context.Context) error {
			gv.Go(func(context.Context) error { return gv.Sleep(time.Hour) })
			t.FailNow()
			return nil
		}
	}, func(t *testing.T, f *fake) {
		if f.expect(t); f.said() != "FailNow\n" {
			t.Errorf("it has said: %s", f.said())
		}
	})
}

func TestRunReportsLeaks(t *testing.T) {
	onEachEngine(t, func(testing.TB) func(context.Context) error {
		return func(context.Context) error {
			gv.Go(func(context.Context) error { return gv.Sleep(time.Hour) }, gv.WithName("forgotten"))
			return nil
		}
	}, func(t *testing.T, f *fake) { f.expect(t, "has left threads", `"forgotten": Normal, waits in Sleep`) })
}

// The deadline of the test ends a function that doesn't, whether it heeds its cancellation or
// not.
func TestRunHeedsTheDeadline(t *testing.T) {
	release := make(chan struct{})
	for name, wait := range map[string]func() error{
		"heeds":        func() error { return gv.Sleep(time.Hour) },
		"doesn't heed": func() error { gv.Block(func() { <-release }); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			f := tryUntil(t, time.Now().Add(500*time.Millisecond), func(t *fake) {
				gvtest.Run(t, func(context.Context) error { return wait() })
			})
			f.expect(t, "deadline has come", `thread 1 "fn": Normal, waits in`, "TestRunHeedsTheDeadline")
			if left := strings.Contains(f.said(), "left behind"); left != (name != "heeds") {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	close(release)
}
