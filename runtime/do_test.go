package gv_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// Do returns what Wait would, from a goroutine, from a thread, and from a thread of
// another runtime.
func TestDo(t *testing.T) {
	failed := errors.New("failed")
	panics := func(context.Context) error { panic("oh") }
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		other := open(t, gv.Config{Workers: 1})
		for _, from := range []struct {
			name string
			call func(func() error) error
		}{
			{"goroutine", func(do func() error) error { return do() }},
			{"locked goroutine", func(do func() error) error {
				goruntime.LockOSThread()
				defer goruntime.UnlockOSThread()
				return do()
			}},
			{"thread", func(do func() error) error {
				return rt.Go(func(context.Context) error { return do() }).Wait()
			}},
			{"thread of another runtime", func(do func() error) error {
				return other.Go(func(context.Context) error { return do() }).Wait()
			}},
		} {
			t.Run(from.name, func(t *testing.T) {
				var self *gv.Thread
				err := from.call(func() error {
					caller := gv.Current()
					err := rt.Do(func(context.Context) error {
						self = gv.Current()
						return failed
					}, gv.WithName("done"), gv.WithPriority(gv.High))
					if gv.Current() != caller {
						t.Error("the caller has become another")
					}
					return err
				})
				if err != failed || self.Name() != "done" || self.Priority() != gv.High || self.State() != gv.StateDone {
					t.Errorf("error %v from %q, %v, %v", err, self.Name(), self.Priority(), self.State())
				}
				var p *gv.PanicError
				if err := from.call(func() error { return rt.Do(panics) }); !errors.As(err, &p) || p.Value != "oh" {
					t.Errorf("error %v, want the panic", err)
				}
				returned, over := false, make(chan struct{})
				go func() {
					defer close(over)
					from.call(func() error {
						err := rt.Do(func(context.Context) error {
							self = gv.Current()
							goruntime.Goexit()
							return nil
						})
						returned = true
						return err
					})
				}()
				<-over
				if err := self.Err(); returned || err != gv.ErrGoexit {
					t.Errorf("after Goexit, Do returned: %v, error %v, want %v", returned, err, gv.ErrGoexit)
				}
				repanicked := func() (v any) {
					defer func() { v = recover() }()
					from.call(func() error {
						err := rt.Do(panics, gv.WithRepanic())
						t.Errorf("Do returned %v, want a panic", err)
						return err
					})
					return nil
				}
				if strings.Contains(from.name, "goroutine") {
					if v := repanicked(); v != "oh" {
						t.Errorf("recovered %v, want the panic", v)
					}
				}
				ctx, cancel := context.WithCancelCause(t.Context())
				cancel(failed)
				if err := from.call(func() error {
					return rt.Do(panics, gv.WithContext(ctx))
				}); !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, failed) {
					t.Errorf("error %v, want the cancellation", err)
				}
			})
		}
		mustPanic(t, "gv: thread of a nil function", func() { rt.Do(nil) })
	})
}

func TestDoAfterClose(t *testing.T) {
	rt := open(t, gv.Config{Workers: 1})
	if err := rt.Close(); err != nil {
		t.Fatal(err)
	}
	if err := rt.Do(func(context.Context) error { return nil }); !errors.Is(err, gv.ErrRuntimeClosed) {
		t.Errorf("error %v, want %v", err, gv.ErrRuntimeClosed)
	}
}

// Cancellation of the caller reaches the thread, and Do waits for its end.
func TestDoOfCancelledThread(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		var inside, outside atomic.Bool
		caller := rt.Go(func(context.Context) error {
			err := rt.Do(func(context.Context) error {
				inside.Store(true)
				err := gv.Sleep(long)
				gv.Block(func() { time.Sleep(time.Millisecond) })
				inside.Store(false)
				return err
			})
			outside.Store(inside.Load())
			return err
		})
		until(inside.Load)
		caller.Cancel(nil)
		if err := caller.Wait(); !errors.Is(err, gv.ErrCancelled) {
			t.Errorf("error %v, want %v", err, gv.ErrCancelled)
		}
		if outside.Load() {
			t.Error("Do returned before the thread had ended")
		}
	})
}

// A cancelled thread doesn't wait in Run. What it has started is more urgent, and gets
// the worker also when the thread runs into no safepoint after that.
func TestUrgentRunOfCancelledThread(t *testing.T) {
	rt := openForced(t, gv.Config{Workers: 1})
	low := rt.Go(func(context.Context) error {
		gv.Current().Cancel(nil)
		for !rt.MonitorRests() {
			enginetest.Spin(1000)
		}
		err := rt.Run(func(context.Context) error { return nil }, gv.WithPriority(gv.Critical))
		for rt.Stats().Finished == 0 {
			enginetest.Spin(1000)
		}
		return err
	}, gv.WithPriority(gv.Low))
	if err := low.Wait(); !errors.Is(err, gv.ErrCancelled) {
		t.Errorf("error %v, want %v", err, gv.ErrCancelled)
	}
}

// Goroutines that call Do take turns with threads of all kinds, and get each their
// own result.
func TestDoStress(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		const callers, calls = 8, 200
		var wg sync.WaitGroup
		stop := make(chan struct{})
		for range 3 {
			rt.Go(func(context.Context) error {
				for {
					select {
					case <-stop:
						return nil
					default:
						enginetest.Spin(500)
						gv.Yield()
					}
				}
			}, gv.WithPriority(gv.Low))
		}
		for i := range callers {
			wg.Go(func() {
				for k := range calls {
					want := fmt.Errorf("%d of %d", k, i)
					err := rt.Do(func(context.Context) error {
						enginetest.Spin(20)
						switch k % 4 {
						case 1:
							gv.Yield()
						case 2:
							gv.Sleep(time.Microsecond)
						case 3:
							gv.Block(goruntime.Gosched)
						}
						return want
					}, gv.WithPriority(gv.Priority(k%3)))
					if err != want {
						t.Errorf("error %v, want %v", err, want)
					}
				}
			})
		}
		wg.Wait()
		close(stop)
	})
}

func ExampleRuntime_Do() {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close()
	err = rt.Do(func(context.Context) error {
		fmt.Println("in a", gv.Current().Priority(), "thread")
		return errors.New("no luck")
	}, gv.WithPriority(gv.Critical))
	fmt.Println(err)
	// Output:
	// in a Critical thread
	// no luck
}
