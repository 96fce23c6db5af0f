package gv_test

import (
	"context"
	"errors"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// What a thread does to its goroutine ends with it, and what the starter's is like
// doesn't matter.
func TestThreadsInheritNothing(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		mark := pprof.Labels("who", "first")
		leave := func(ctx context.Context) error {
			debug.SetPanicOnFault(true)
			pprof.SetGoroutineLabels(pprof.WithLabels(ctx, mark))
			return nil
		}
		look := func(context.Context) error {
			if debug.SetPanicOnFault(false) {
				return errors.New("SetPanicOnFault is in force")
			}
			if labelled() {
				return errors.New("there is a goroutine with the labels of another thread")
			}
			return nil
		}
		for _, fn := range []func(context.Context) error{leave, look, leave, look} {
			if err := rt.Run(fn); err != nil {
				t.Error(err)
			}
		}
		pprof.Do(context.Background(), mark, func(ctx context.Context) {
			err := rt.Run(func(context.Context) error {
				if !labelled() {
					return errors.New("no labels")
				}
				return nil
			}, gv.WithContext(ctx))
			if err != nil {
				t.Error(err)
			}
			// A thread that makes a new fiber, which its starter launches.
			rt.Run(func(context.Context) error {
				rt.Go(func(context.Context) error { return gv.Sleep(1) })
				return gv.Sleep(1)
			})
		})
		if err := rt.Run(look); err != nil {
			t.Error(err)
		}
	})
}

// labelled reports whether a goroutine has the labels of TestThreadsInheritNothing.
func labelled() bool {
	var b strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		return false
	}
	return strings.Contains(b.String(), `{"who":"first"}`)
}

// A panic with nil is one, also where recover doesn't see it.
func TestPanicWithNil(t *testing.T) {
	for _, setting := range []string{"panicnil=0", "panicnil=1"} {
		t.Run(setting, func(t *testing.T) {
			t.Setenv("GODEBUG", setting)
			onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
				for range 2 {
					var panicked *gv.PanicError
					if err := rt.Go(func(context.Context) error { panic(nil) }).Wait(); !errors.As(err, &panicked) {
						t.Errorf("error %v, want a PanicError", err)
					}
				}
			})
		})
	}
}

// badContext panics where it is used.
type badContext struct{ context.Context }

func (badContext) Done() <-chan struct{} { panic("no") }

// A thread that can't be made because its context panics leaves nothing behind.
func TestContextPanics(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		func() {
			defer func() {
				if v := recover(); v != "no" {
					t.Errorf("recovered %v", v)
				}
			}()
			rt.Go(func(context.Context) error { return nil }, gv.WithContext(badContext{context.Background()}))
		}()
		if n := rt.Stats().Threads; n != 0 {
			t.Errorf("%d threads are alive", n)
		}
	})
}
