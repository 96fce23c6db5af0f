package gv_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// inBubble reports whether the calling goroutine is in a bubble, by its clock.
func inBubble() bool { return time.Now().Year() < 2020 }

// realSleep is a thread's function that sleeps by the machine's clock.
func realSleep(context.Context) error {
	if inBubble() {
		return errors.New("the thread is in the bubble")
	}
	return gv.Sleep(5 * time.Millisecond)
}

// use does with rt what a test in a bubble may do.
func use(rt *gv.Runtime) error {
	began := time.Now()
	c, back := gv.NewChan[int](0), gv.NewChan[int](0)
	var mu gv.Mutex
	echo := rt.Go(func(ctx context.Context) error {
		for n := range c.All() {
			mu.Lock()
			mu.Unlock()
			if err := back.Send(n); err != nil {
				return err
			}
		}
		return realSleep(ctx)
	})
	for n := range 20 {
		mu.Lock()
		mu.Unlock()
		if err := c.Send(n); err != nil {
			return err
		}
		if got, err := back.Recv(); got != n || err != nil {
			return fmt.Errorf("received %d, %w; want %d", got, err, n)
		}
	}
	c.Close()
	sleeper := rt.Go(func(context.Context) error { return gv.Sleep(long) })
	ended := sleeper.Done()
	sleeper.Cancel(nil)
	<-ended
	err := rt.Run(func(ctx context.Context) error {
		for range 30 {
			gv.Go(realSleep, gv.WithContext(ctx))
		}
		return nil
	})
	if moved := time.Since(began); inBubble() && moved != 0 {
		return fmt.Errorf("the bubble's clock went on by %v while threads were waited for", moved)
	}
	return errors.Join(err, rt.Do(realSleep), waitAll([]*gv.Thread{echo}))
}

// A runtime that is opened and closed in a bubble of testing/synctest works there, and
// the bubble ends; so does one that is opened there and goes on outside, and one that was
// opened outside and is used in bubbles.
func TestSynctest(t *testing.T) {
	for _, engine := range engines {
		opened := func(t *testing.T) *gv.Runtime {
			rt, err := gv.New(gv.Config{Workers: 2, Engine: engine})
			if err != nil {
				t.Skip(err)
			}
			return rt
		}
		used := func(t *testing.T, rt *gv.Runtime) {
			if err := use(rt); err != nil {
				t.Error(err)
			}
		}
		for name, test := range map[string]func(t *testing.T){
			"within one": func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					rt := opened(t)
					used(t, rt)
					mustClose(t, rt)
				})
			},
			"from one to the next": func(t *testing.T) {
				var rt *gv.Runtime
				synctest.Test(t, func(t *testing.T) { rt = opened(t); used(t, rt) })
				if rt == nil {
					t.SkipNow()
				}
				used(t, rt)
				synctest.Test(t, func(t *testing.T) { used(t, rt) })
				mustClose(t, rt)
			},
			"from outside": func(t *testing.T) {
				rt := opened(t)
				for range 3 {
					synctest.Test(t, func(t *testing.T) { used(t, rt) })
					used(t, rt)
				}
				synctest.Test(t, func(t *testing.T) { mustClose(t, rt) })
			},
			"on both sides at once": func(t *testing.T) {
				rt := opened(t)
				var wg sync.WaitGroup
				for range 4 {
					wg.Go(func() { used(t, rt) })
					wg.Go(func() { synctest.Test(t, func(t *testing.T) { used(t, rt) }) })
				}
				wg.Wait()
				mustClose(t, rt)
			},
		} {
			t.Run(engine.String()+"/"+name, func(t *testing.T) {
				defer watchdog(t)()
				test(t)
			})
		}
	}
}

// A thread that outlives the bubble in which it was started does not keep that from
// ending, and what was asked of it there is told: its end, that of its context, and
// that of all threads.
func TestThreadOutlivesBubble(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		var th *gv.Thread
		var ctx context.Context
		shut := make(chan error, 1)
		gate := gv.NewChan[int](0)
		synctest.Test(t, func(t *testing.T) {
			begun := gv.NewChan[context.Context](0)
			th = rt.Go(func(ctx context.Context) error {
				if err := begun.Send(ctx); err != nil {
					return err
				}
				_, err := gate.Recv()
				return err
			})
			var err error
			if ctx, err = begun.Recv(); err != nil {
				t.Error(err)
			}
			for name, done := range map[string]<-chan struct{}{"thread": th.Done(), "context": ctx.Done()} {
				select {
				case <-done:
					t.Errorf("the %s has ended", name)
				default:
				}
			}
			// The clock would stand still here: the wait is for threads.
			impatient, cancel := context.WithCancel(t.Context())
			go cancel()
			if err := rt.Shutdown(impatient); !errors.Is(err, context.Canceled) {
				t.Errorf("Shutdown: %v", err)
			}
		})
		go func() { shut <- rt.Shutdown(context.Background()) }()
		th.Cancel(errors.New("enough"))
		<-ctx.Done()
		<-th.Done()
		if err := th.Wait(); !errors.Is(err, gv.ErrCancelled) {
			t.Errorf("Wait: %v", err)
		}
		if err := <-shut; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

// The goroutines of a bubble wait for each other and for those outside, with what the
// last ones have left: on the Portable engine, the channels by which they are woken.
func TestGoroutinesOfABubbleWait(t *testing.T) {
	defer watchdog(t)()
	pass := func(goroutines int) {
		c := gv.NewChan[int](0)
		var wg sync.WaitGroup
		for n := range goroutines {
			wg.Go(func() { c.Send(n) })
			wg.Go(func() { c.Recv() })
		}
		wg.Wait()
	}
	c := gv.NewChan[int](0)
	go func() {
		for n := range 5 {
			c.Send(n)
		}
		c.Close()
	}()
	synctest.Test(t, func(t *testing.T) {
		for range c.All() {
			pass(10)
		}
	})
	pass(20)
	synctest.Test(t, func(*testing.T) { pass(20) })
}

// A process whose first use of the package is in a bubble works in it and after it, with
// the same engine as others, on the default runtime, too.
func TestFirstUseInABubble(t *testing.T) {
	if !inChild() {
		want := open(t, gv.Config{}).Capabilities()
		for _, first := range []string{"New", "default", "Chan", "Mutex"} {
			out, err := child(t, "GV_FIRST="+first)
			if err != nil || !strings.Contains(out, fmt.Sprintf("engine %v, forced %v", want.Engine, want.Forced)) {
				t.Errorf("first %s: %v\n%s", first, err, out)
			}
		}
		return
	}
	defer watchdog(t)()
	first := firstUses[os.Getenv("GV_FIRST")]
	synctest.Test(t, func(t *testing.T) {
		if err := first(); err != nil {
			t.Error(err)
		}
	})
	if err := first(); err != nil {
		t.Error(err)
	}
	rt := mustOpen(t, gv.Config{})
	caps := rt.Capabilities()
	t.Logf("engine %v, forced %v", caps.Engine, caps.Forced)
	mustClose(t, rt)
}

var firstUses = map[string]func() error{
	"New": func() error {
		rt, err := gv.New(gv.Config{})
		if err != nil {
			return err
		}
		return errors.Join(rt.Do(realSleep), rt.Close())
	},
	"default": func() error {
		return errors.Join(gv.Run(realSleep), gv.Go(realSleep).Wait(), gv.Do(realSleep))
	},
	"Chan": func() error {
		c := gv.NewChan[int](0)
		go c.Send(1)
		if n, err := c.Recv(); n != 1 || err != nil {
			return fmt.Errorf("received %d, %w", n, err)
		}
		return nil
	},
	"Mutex": func() error {
		var mu gv.Mutex
		mu.Lock()
		go mu.Unlock()
		mu.Lock()
		return nil
	},
}

// What a bubble has made the runtime start ends with it: no goroutine is left.
func TestBubblesLeaveNoGoroutine(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			defer watchdog(t)()
			before := goruntime.NumGoroutine()
			synctest.Test(t, func(t *testing.T) {
				rt := mustOpen(t, gv.Config{Engine: engine})
				if err := use(rt); err != nil {
					t.Error(err)
				}
				mustClose(t, rt)
			})
			until(func() bool { return goruntime.NumGoroutine() <= before })
		})
	}
}

// Dump and Stats can be asked for in a bubble, and times are the machine's.
func TestDumpInABubble(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		g := closeGate(rt)
		synctest.Test(t, func(t *testing.T) {
			waiting := rt.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.Low))
			var text strings.Builder
			rt.Dump(&text)
			_, since, ok := strings.Cut(text.String(), "Low, New for ")
			since, _, _ = strings.Cut(since, "\n")
			if d, err := time.ParseDuration(since); !ok || err != nil || d > long {
				t.Errorf("a thread that was started just now has waited for %q:\n%s", since, text.String())
			}
			g.open()
			if err := waiting.Wait(); err != nil {
				t.Error(err)
			}
		})
	})
}
