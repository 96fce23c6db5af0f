package gv_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

func panicWith(v any) func(context.Context) error {
	return func(context.Context) error {
		explode(v)
		return nil
	}
}

//go:noinline
func explode(v any) { panic(v) }

// wantPanic says what is wrong with err if it isn't that of a panic with v.
func wantPanic(err error, v any) error {
	var p *gv.PanicError
	switch {
	case !errors.As(err, &p):
		return fmt.Errorf("got %v, want a *PanicError", err)
	case p.Value != v:
		return fmt.Errorf("panic value %v, want %v", p.Value, v)
	case !strings.Contains(string(p.Stack), "explode"):
		return fmt.Errorf("the stack does not show where:\n%s", p.Stack)
	case p.Error() != fmt.Sprintf("gv: thread panicked: %v", v):
		return fmt.Errorf("Error is %q", p.Error())
	}
	return nil
}

// A panic is the result of its thread, for those who wait in threads and in
// goroutines, before it and after.
func TestPanicReachesWait(t *testing.T) {
	forEachCrew(t, func(t *testing.T, c *crew) {
		release := gv.NewChan[int](0)
		th := c.rt.Go(func(ctx context.Context) error {
			release.Recv()
			return panicWith("boom")(ctx)
		})
		for range 3 {
			c.start(func() {
				if err := wantPanic(th.Wait(), "boom"); err != nil {
					t.Error(err)
				}
			})
		}
		release.Send(1)
		c.wait()
		if err := wantPanic(th.Err(), "boom"); err != nil {
			t.Errorf("Err: %v", err)
		}
		late := c.rt.Go(panicWith("late"))
		<-late.Done()
		if err := wantPanic(late.Wait(), "late"); err != nil {
			t.Error(err)
		}
	})
}

// The fiber of a thread that panicked or ended by Goexit serves on, or is
// replaced, and deferred functions have run.
func TestThreadsAfterPanicAndGoexit(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		for i := range 50 {
			deferred := false
			th := rt.Go(func(context.Context) error {
				defer func() { deferred = true }()
				gv.Yield()
				switch i % 3 {
				case 0:
					goruntime.Goexit()
				case 1:
					explode(i)
				}
				return nil
			})
			err := th.Wait()
			switch i % 3 {
			case 0:
				if err != gv.ErrGoexit {
					t.Errorf("Goexit: %v", err)
				}
			case 1:
				if err := wantPanic(err, i); err != nil {
					t.Error(err)
				}
			default:
				if err != nil {
					t.Error(err)
				}
			}
			if !deferred {
				t.Error("the deferred function was not called")
			}
			if s := th.State(); s != gv.StateDone {
				t.Errorf("is %v", s)
			}
		}
		if s := rt.Stats(); s.Threads != 0 || s.Finished != 50 {
			t.Errorf("%+v", s)
		}
	})
}

// OnPanic may block, in a call of this package or in Go, and costs no worker.
func TestOnPanicMayBlock(t *testing.T) {
	for _, inGo := range []bool{false, true} {
		t.Run(fmt.Sprintf("inGo=%v", inGo), func(t *testing.T) {
			for _, engine := range engines {
				t.Run(engine.String(), func(t *testing.T) {
					ch, goCh := gv.NewChan[error](0), make(chan error)
					rt := open(t, gv.Config{Engine: engine, Workers: 1, OnPanic: func(p *gv.PanicError) {
						if inGo {
							goCh <- p
						} else if err := ch.Send(p); err != nil {
							t.Error(err)
						}
					}})
					for range 3 {
						th := rt.Go(panicWith("lonely"))
						// The only worker is to be had while OnPanic waits, and after.
						for range 2 {
							if err := rt.Go(func(context.Context) error { return nil }).Wait(); err != nil {
								t.Error(err)
							}
						}
						var got error
						if inGo {
							got = <-goCh
						} else {
							got, _ = ch.Recv()
						}
						if err := wantPanic(got, "lonely"); err != nil {
							t.Error(err)
						}
						<-th.Done()
						if s := th.State(); s != gv.StateDone {
							t.Errorf("the thread is %v after its end", s)
						}
					}
				})
			}
		})
	}
}

// OnPanic gets the panics that nobody waits for, and only those.
func TestOnPanic(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			var seen journal[*gv.PanicError]
			var in journal[*gv.Thread]
			rt := open(t, gv.Config{Engine: engine, Workers: 1, OnPanic: func(p *gv.PanicError) {
				seen.add(p)
				in.add(gv.Current())
			}})
			lonely := rt.Go(panicWith("lonely"))
			<-lonely.Done()
			if got := seen.all(); len(got) != 1 || wantPanic(got[0], "lonely") != nil {
				t.Errorf("OnPanic has got %v", got)
			}
			if got := in.all(); got[0] != lonely {
				t.Errorf("OnPanic was called in %v", got[0])
			}
			release := make(chan struct{})
			awaited := rt.Go(func(ctx context.Context) error {
				gv.Block(func() { <-release })
				return panicWith("awaited")(ctx)
			})
			result := make(chan error)
			go func() { result <- awaited.Wait() }()
			until(func() bool { return awaited.Waiters() == 1 })
			close(release)
			if err := wantPanic(<-result, "awaited"); err != nil {
				t.Error(err)
			}
			if err := rt.Run(panicWith("run")); wantPanic(err, "run") != nil {
				t.Error(err)
			}
			if n := len(seen.all()); n != 1 {
				t.Errorf("OnPanic was called %d times", n)
			}
		})
	}
}

// One that waited and was cancelled has not got the panic: it still has to reach
// somebody.
func TestPanicAfterCancelledWait(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			rt, err := gv.New(gv.Config{Engine: engine, Workers: 1})
			if err != nil {
				t.Skip(err)
			}
			defer watchdog(t)()
			release := make(chan struct{})
			th := rt.Go(func(ctx context.Context) error {
				gv.Block(func() { <-release })
				return panicWith("unheard")(ctx)
			})
			waiter := rt.Go(func(context.Context) error { return th.Wait() })
			until(func() bool { return th.Waiters() == 1 })
			waiter.Cancel(errStop)
			if err := wantCancelled(waiter.Wait()); err != nil {
				t.Error(err)
			}
			close(release)
			<-th.Done()
			if err := wantPanic(rt.Close(), "unheard"); err != nil {
				t.Errorf("Close: %v", err)
			}
			goruntime.KeepAlive(th)
		})
	}
}

// Close returns the panics that nobody has seen, and not those that somebody has.
func TestCloseReturnsPanics(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			rt, err := gv.New(gv.Config{Engine: engine, Workers: 1})
			if err != nil {
				t.Skip(err)
			}
			defer watchdog(t)()
			var ts []*gv.Thread
			for _, v := range []string{"first", "second", "third"} {
				ts = append(ts, rt.Go(panicWith(v)))
			}
			if err := wantPanic(ts[1].Wait(), "second"); err != nil {
				t.Error(err)
			}
			for _, th := range ts {
				<-th.Done()
			}
			err = rt.Close()
			for v, want := range map[string]bool{"first": true, "second": false, "third": true} {
				if got := err != nil && strings.Contains(err.Error(), v); got != want {
					t.Errorf("%s in Close's error: %v, want %v", v, got, want)
				}
			}
			if again := rt.Close(); !errors.Is(again, err) {
				t.Errorf("the second Close: %v, want what the first returned", again)
			}
			goruntime.KeepAlive(ts)
		})
	}
}

// Run returns the panics of the threads that belong to it, and that nobody has
// waited for.
func TestRunReturnsPanics(t *testing.T) {
	wrong := errors.New("wrong")
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(context.Context) error {
			gv.Go(panicWith("child"))
			gv.Go(func(context.Context) error {
				gv.Go(panicWith("grandchild"))
				return nil
			})
			if err := wantPanic(gv.Go(panicWith("seen")).Wait(), "seen"); err != nil {
				return err
			}
			return wrong
		})
		if !errors.Is(err, wrong) {
			t.Errorf("the result of the function is not in %v", err)
		}
		for v, want := range map[string]bool{"panicked: child": true, "panicked: grandchild": true, "panicked: seen": false} {
			if got := strings.Contains(fmt.Sprint(err), v); got != want {
				t.Errorf("%q in Run's error: %v, want %v", v, got, want)
			}
		}
	})
}

// A Run that goes on for long doesn't keep the panics that somebody has got since.
func TestRunForgetsSeenPanics(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		const panics = 100
		var freed atomic.Int32
		err := rt.Run(func(context.Context) error {
			for range panics {
				th := gv.Go(func(context.Context) error {
					v := new([64]int)
					goruntime.AddCleanup(v, func(int) { freed.Add(1) }, 0)
					panic(v)
				})
				until(func() bool { return th.State() == gv.StateDone })
				th.Wait()
			}
			until(func() bool { goruntime.GC(); return freed.Load() >= panics/2 })
			return nil
		})
		if err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// A Run that is cancelled returns early; panics that come later reach Close.
func TestPanicAfterCancelledRun(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			rt, err := gv.New(gv.Config{Engine: engine, Workers: 1})
			if err != nil {
				t.Skip(err)
			}
			defer watchdog(t)()
			release := make(chan struct{})
			entered := make(chan *gv.Thread, 1)
			caller := rt.Go(func(context.Context) error {
				return rt.Run(func(ctx context.Context) error {
					entered <- gv.Current()
					gv.Block(func() { <-release })
					return panicWith("unheard")(ctx)
				})
			})
			th := <-entered
			until(func() bool { return caller.State() == gv.StateBlocked })
			caller.Cancel(errStop)
			if err := wantCancelled(caller.Wait()); err != nil {
				t.Error(err)
			}
			close(release)
			<-th.Done()
			if err := wantPanic(rt.Close(), "unheard"); err != nil {
				t.Errorf("Close: %v", err)
			}
			goruntime.KeepAlive(th)
		})
	}
}

// A panic that nobody can wait for any more ends the process, with its value and
// its stack.
func TestPanicNobodyCanSeeCrashes(t *testing.T) {
	if inChild() {
		rt, err := gv.New(gv.Config{})
		if err != nil {
			t.Fatal(err)
		}
		rt.Go(panicWith("nobody hears this"))
		for range 1000 {
			goruntime.GC()
			time.Sleep(5 * time.Millisecond)
		}
		return
	}
	out, err := child(t)
	if err == nil {
		t.Fatalf("the process did not crash:\n%s", out)
	}
	for _, want := range []string{"panic: ", "nobody hears this", "explode"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
}

// As long as somebody can ask for it, a panic does not end the process.
func TestPanicIsKeptForLaterWait(t *testing.T) {
	rt := open(t, gv.Config{})
	th := rt.Go(panicWith("kept"))
	<-th.Done()
	for range 3 {
		goruntime.GC()
	}
	if err := wantPanic(th.Wait(), "kept"); err != nil {
		t.Error(err)
	}
}
