package gv_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// never is a Done channel that package context takes for none of its own: it then
// calls AfterFunc.
var never = make(chan struct{})

// A fragileContext panics in one of its methods, or does something else there.
type fragileContext struct {
	context.Context
	method string
	do     func(method string)
}

func (c fragileContext) touch(method string) {
	if method == c.method {
		c.do(method)
	}
}

func (c fragileContext) Done() <-chan struct{} {
	c.touch("Done")
	if c.Context.Err() != nil {
		return c.Context.Done()
	}
	return never
}

func (c fragileContext) Err() error {
	c.touch("Err")
	return c.Context.Err()
}

func (c fragileContext) Deadline() (time.Time, bool) {
	c.touch("Deadline")
	return c.Context.Deadline()
}

func (c fragileContext) Value(key any) any {
	c.touch("Value")
	if strings.Contains(fmt.Sprintf("%T", key), "label") {
		c.touch("Value of the labels")
	}
	if strings.Contains(fmt.Sprintf("%T", key), "trace") {
		c.touch("Value of the trace")
	}
	return c.Context.Value(key)
}

func (c fragileContext) AfterFunc(f func()) (stop func() bool) {
	c.touch("AfterFunc")
	unregister := context.AfterFunc(c.Context, f)
	return func() bool {
		c.touch("stop")
		return unregister()
	}
}

// A given context that panics panics in whoever starts the thread, which is then none,
// or is its thread's panic. Nothing is left behind, and nobody waits for ever.
func TestGivenContextPanics(t *testing.T) {
	ended, end := context.WithCancel(context.Background())
	end()
	living, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, tt := range []struct {
		method   string
		given    context.Context
		inThread bool
	}{
		{"Done", living, false},
		{"Err", living, false},
		{"Err", ended, false},
		{"Value", living, false},
		{"Value", ended, false},
		{"Deadline", living, false},
		{"AfterFunc", living, false},
		{"Value of the labels", living, true},
		{"stop", living, true},
	} {
		t.Run(tt.method, func(t *testing.T) {
			onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
				why := errors.New("broken in " + tt.method)
				given := fragileContext{tt.given, tt.method, func(string) { panic(why) }}
				var inStart any
				var inThread error
				err := rt.Run(func(context.Context) error {
					var wg gv.WaitGroup
					func() {
						defer func() { inStart = recover() }()
						inThread = wg.Go(func(context.Context) error { return nil }, gv.WithContext(given)).Wait()
					}()
					wg.Wait() // none is counted that was not started
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				if got := errors.Is(inThread, why); got != tt.inThread {
					t.Errorf("the thread ends with %v", inThread)
				}
				if got := inStart == any(why); got == tt.inThread {
					t.Errorf("its start panics with %v", inStart)
				}
				if n := rt.Stats().Threads; n != 0 {
					t.Errorf("%d threads are left", n)
				}
			})
		})
	}
}

// A thread that is cancelled before its first turn ends, also if its context panics
// then: in who cancels it.
func TestGivenContextPanicsInCancel(t *testing.T) {
	living, stop := context.WithCancel(context.Background())
	defer stop()
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		g := closeGate(rt)
		given := fragileContext{living, "stop", func(string) { panic(errStop) }}
		th := rt.Go(func(context.Context) error { return nil }, gv.WithContext(given))
		func() {
			defer func() {
				if v := recover(); v != any(errStop) {
					t.Errorf("Cancel panics with %v", v)
				}
			}()
			th.Cancel(errStop)
		}()
		if err := wantCancelled(th.Wait()); err != nil {
			t.Error(err)
		}
		g.open()
	})
}

// A given context may block, in a call of this package, in whatever it is asked for,
// and while the thread ends: its own watch, and that of one which ended before.
func TestGivenContextBlocks(t *testing.T) {
	living, stop := context.WithCancel(context.Background())
	defer stop()
	for _, method := range []string{"Done", "Err", "Value", "Deadline", "AfterFunc", "stop"} {
		t.Run(method, func(t *testing.T) {
			onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
				var calls atomic.Int32
				given := fragileContext{living, method, func(string) {
					calls.Add(1)
					if err := gv.Sleep(time.Millisecond); err != nil {
						t.Errorf("it is cancelled: %v", err)
					}
				}}
				if err := rt.Run(func(context.Context) error {
					parent := gv.Go(func(context.Context) error {
						gv.Go(func(context.Context) error { return gv.Sleep(time.Millisecond) })
						return nil
					}, gv.WithContext(given))
					return parent.Wait()
				}); err != nil {
					t.Error(err)
				}
				if calls.Load() == 0 {
					t.Error("it was not asked")
				}
			})
		})
	}
}

// A thread that is refused leaves no watch behind.
func TestRefusedThreadLeavesNoWatch(t *testing.T) {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := rt.Close(); err != nil {
		t.Fatal(err)
	}
	living, stop := context.WithCancel(context.Background())
	defer stop()
	stopped := false
	given := fragileContext{living, "stop", func(string) { stopped = true }}
	if err := rt.Go(func(context.Context) error { return nil }, gv.WithContext(given)).Wait(); err != gv.ErrRuntimeClosed {
		t.Error(err)
	}
	if !stopped {
		t.Error("the watch goes on")
	}
}
