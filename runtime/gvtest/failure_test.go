package gvtest_test

import (
	"context"
	"fmt"
	"math"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtest"
)

// once tries one schedule of fn.
func once(t *testing.T, fn func(t testing.TB, rt *gv.Runtime)) *fake {
	t.Helper()
	return try(t, func(t *fake) { gvtest.Explore(t, fn, gvtest.Runs(1)) })
}

// Each way to fail is reported, and leaves nothing behind.
func TestExploreReportsFailures(t *testing.T) {
	defer gvtest.HasteWithDeadlocks()()
	for _, test := range []struct {
		name string
		fn   func(t testing.TB, rt *gv.Runtime)
		says []string
	}{
		{"Error goes on", func(t testing.TB, rt *gv.Runtime) {
			t.Error("first")
			gv.Yield()
			t.Errorf("sec%s", "ond")
		}, []string{"first", "second", "Yield"}},
		{"Fatal in fn", func(t testing.TB, rt *gv.Runtime) {
			rt.Go(func(context.Context) error { return gv.Sleep(time.Hour) })
			t.Fatal("no more")
		}, []string{"no more"}},
		{"Fatalf in a thread", func(t testing.TB, rt *gv.Runtime) {
			rt.Go(func(context.Context) error {
				t.Fatalf("no %s", "more")
				return nil
			})
			new(gv.Mutex).LockContext(context.Background())
			gv.NewChan[int](0).Recv()
		}, []string{"no more"}},
		{"Goexit in fn", func(t testing.TB, rt *gv.Runtime) {
			goruntime.Goexit()
		}, []string{gv.ErrGoexit.Error()}},
		{"a panic in fn", func(t testing.TB, rt *gv.Runtime) {
			rt.Go(func(context.Context) error { return gv.Sleep(time.Hour) })
			panic("in fn")
		}, []string{"in fn", "failure_test.go"}},
		{"a panic in a thread", func(t testing.TB, rt *gv.Runtime) {
			rt.Go(func(context.Context) error { panic("in a thread") }, gv.WithName("bad"))
		}, []string{"in a thread", `thread 2 "bad"  ends`, "failure_test.go"}},
		{"a panic that leads to a deadlock", func(t testing.TB, rt *gv.Runtime) {
			var wg gv.WaitGroup
			wg.Add(1)
			rt.Go(func(context.Context) error { panic("before Done") })
			wg.Wait()
		}, []string{"deadlock", "before Done"}},
		{"threads that never end", func(t testing.TB, rt *gv.Runtime) {
			for {
				gv.Yield()
			}
		}, []string{"have come to 100000 calls", "events before these"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := goruntime.NumGoroutine()
			once(t, test.fn).expect(t, append(test.says, "schedule:\n")...)
			expectGoroutines(t, before)
		})
	}
}

// What is logged, and what is called, is shown with its place.
func TestExploreShowsPlaces(t *testing.T) {
	defer gvtest.HasteWithDeadlocks()()
	_, _, line, _ := goruntime.Caller(0)
	at := func(n int) string { return fmt.Sprintf("failure_test.go:%d", line+n) }
	once(t, func(t testing.TB, rt *gv.Runtime) {
		t.Log("logged")
		help(t)
		gv.Yield()
		for range gv.NewChan[int](0).All() {
			break
		}
	}).expect(t, at(3)+": logged", at(4)+": helped", "Yield  ", at(5)+"  yields", "Chan.", at(6)+"  waits")
}

// help fails t for its caller.
func help(t testing.TB) {
	t.Helper()
	t.Errorf("helped")
}

// expectGoroutines waits until there are no more goroutines than there were.
func expectGoroutines(t *testing.T, before int) {
	t.Helper()
	defer watchdog()()
	for goruntime.NumGoroutine() > before {
		time.Sleep(time.Millisecond)
	}
}

// A deadlock is reported whatever the threads wait with, and they end: what they have
// deferred is done.
func TestExploreEndsAllWaits(t *testing.T) {
	defer gvtest.HasteWithDeadlocks()()
	for name, wait := range map[string]func(rt *gv.Runtime){
		"Recv":      func(*gv.Runtime) { gv.NewChan[int](0).Recv() },
		"Send":      func(*gv.Runtime) { gv.NewChan[int](0).Send(1) },
		"nil Chan":  func(*gv.Runtime) { (*gv.Chan[int])(nil).Recv() },
		"Select":    func(*gv.Runtime) { gv.Select() },
		"WaitGroup": func(*gv.Runtime) { var wg gv.WaitGroup; wg.Add(1); wg.Wait() },
		"Semaphore": func(*gv.Runtime) { gv.NewSemaphore(1).Acquire(context.Background(), 2) },
		"Mutex":     func(*gv.Runtime) { var mu gv.Mutex; mu.Lock(); defer mu.Unlock(); mu.Lock() },
		"RLock":     func(*gv.Runtime) { var rw gv.RWMutex; rw.Lock(); defer rw.Unlock(); rw.RLock() },
		"readers":   func(*gv.Runtime) { var rw gv.RWMutex; rw.RLock(); defer rw.RUnlock(); rw.Lock() },
		"Cond": func(*gv.Runtime) {
			var mu gv.Mutex
			mu.Lock()
			defer mu.Unlock()
			gv.NewCond(&mu).Wait()
		},
		"Do":     func(rt *gv.Runtime) { rt.Do(func(context.Context) error { gv.Select(); return nil }) },
		"Block":  func(*gv.Runtime) { gv.Block(func() { gv.Select() }) },
		"itself": func(*gv.Runtime) { gv.Current().Wait() },
		"Run":    func(rt *gv.Runtime) { rt.Run(func(context.Context) error { gv.Select(); return nil }) },
		"Group": func(rt *gv.Runtime) {
			g := rt.NewGroup(context.Background())
			g.Go(func(context.Context) error { return g.Wait() })
			g.Wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := goruntime.NumGoroutine()
			ended, wentOn := 0, false
			once(t, func(t testing.TB, rt *gv.Runtime) {
				for range 3 {
					rt.Go(func(context.Context) error {
						defer func() { ended++ }()
						wait(rt)
						wentOn = true
						return nil
					})
				}
			}).expect(t, "deadlock: no thread can go on", "waits")
			if ended != 3 || wentOn {
				t.Errorf("%d of 3 have ended, went on: %v", ended, wentOn)
			}
			expectGoroutines(t, before)
		})
	}
}

// A thread that is told to end waits for nothing in its deferred functions, and one that has
// not begun doesn't.
func TestExploreEndsInDeferredCalls(t *testing.T) {
	before := goruntime.NumGoroutine()
	reached, begun := 0, false
	once(t, func(t testing.TB, rt *gv.Runtime) {
		defer func() {
			defer func() { reached++ }()
			reached++
			gv.Sleep(time.Hour)
			t.Error("slept")
		}()
		rt.Go(func(context.Context) error {
			begun = true
			return nil
		}, gv.WithPriority(gv.Low))
		t.Fatal("over")
	}).expect(t, "over")
	if reached != 2 || begun {
		t.Errorf("reached %d of 2; a thread has begun: %v", reached, begun)
	}
	expectGoroutines(t, before)
}

// A thread that doesn't end when it is told to is left behind, and the test goes on.
func TestExploreLeavesBehind(t *testing.T) {
	release := make(chan struct{})
	before := goruntime.NumGoroutine()
	once(t, func(t testing.TB, rt *gv.Runtime) {
		rt.Go(func(context.Context) error {
			gv.Block(func() { <-release })
			return nil
		})
		gv.Sleep(time.Hour)
		t.FailNow()
	}).expect(t, "left behind", "waits in Block")
	close(release)
	expectGoroutines(t, before)
}

// The deadline of the test ends a schedule that doesn't.
func TestExploreHeedsTheDeadline(t *testing.T) {
	before := goruntime.NumGoroutine()
	release := make(chan struct{})
	tryUntil(t, time.Now().Add(500*time.Millisecond), func(t *fake) {
		gvtest.Explore(t, func(t testing.TB, rt *gv.Runtime) {
			gv.Block(func() { <-release })
		})
	}).expect(t, "deadline has come", "TestExploreHeedsTheDeadline", "waits in Block", "left behind")
	close(release)
	expectGoroutines(t, before)
}

// What Cleanup was given doesn't keep a test beyond its deadline, which may have ended the
// schedule before.
func TestExploreHeedsTheDeadlineInCleanup(t *testing.T) {
	for name, fn := range map[string]func(){
		"a schedule that is over":   func() {},
		"one that is ended by that": func() { gv.NewChan[int](0).Recv() },
	} {
		t.Run(name, func(t *testing.T) {
			before := goruntime.NumGoroutine()
			release := make(chan struct{})
			last := false
			tryUntil(t, time.Now().Add(500*time.Millisecond), func(t *fake) {
				gvtest.Explore(t, func(t testing.TB, _ *gv.Runtime) {
					t.Cleanup(func() { last = true })
					t.Cleanup(func() { <-release })
					fn()
				})
			}).expect(t, "that Cleanup was given has not returned", "gv runtime", "TestExploreHeedsTheDeadlineInCleanup")
			if last {
				t.Error("the next function was called while the other ran")
			}
			close(release)
			expectGoroutines(t, before)
		})
	}
}

// What the testing.TB of a schedule is asked to do is done when the schedule is over.
func TestExploreCleansUp(t *testing.T) {
	var order []string
	var ctx context.Context
	f := try(t, func(t *fake) {
		gvtest.Explore(t, func(t testing.TB, rt *gv.Runtime) {
			ctx = t.Context()
			t.Cleanup(func() { order = append(order, "first") })
			t.Cleanup(func() {
				order = append(order, "second")
				if ctx.Err() == nil {
					t.Error("the context has not ended")
				}
				goruntime.Goexit()
			})
			rt.Go(func(context.Context) error {
				gv.Sleep(time.Hour)
				order = append(order, "thread")
				return nil
			})
			if t.Failed() || t.Skipped() || ctx.Err() != nil {
				t.Error("over too soon")
			}
		}, gvtest.Runs(2))
	})
	f.expectNothing(t)
	if got := strings.Join(order, " "); got != "thread second first thread second first" {
		t.Errorf("the order was %s", got)
	}
}

// What is written to the output of a schedule is in its log.
func TestExploreOutput(t *testing.T) {
	f := once(t, func(t testing.TB, rt *gv.Runtime) {
		fmt.Fprintln(t.Output(), "as it was")
		t.Fail()
	})
	if !f.Failed() || !strings.Contains(f.said(), "as it was") {
		t.Errorf("failed %v: %s", f.Failed(), f.said())
	}
}

func TestExploreSkips(t *testing.T) {
	for _, skip := range []func(testing.TB){
		func(t testing.TB) { t.Skip("not here") },
		func(t testing.TB) { t.Skipf("not %s", "here") },
		func(t testing.TB) { t.Log("not"); t.Logf("here"); t.SkipNow() },
	} {
		runs := 0
		f := try(t, func(t *fake) {
			gvtest.Explore(t, func(t testing.TB, rt *gv.Runtime) {
				runs++
				skip(t)
			})
		})
		if f.expectNothing(t); !f.Skipped() || runs != 1 || !strings.Contains(f.said(), "here") {
			t.Errorf("skipped %v after %d runs: %s", f.Skipped(), runs, f.said())
		}
	}
}

// Misuse is refused, with what to do.
func TestOptionsAreChecked(t *testing.T) {
	nothing := func(testing.TB, *gv.Runtime) {}
	for _, opt := range []gvtest.Option{gvtest.Config(gv.Config{}), gvtest.Seed(0), gvtest.Seed(math.MaxUint64), gvtest.Runs(0)} {
		try(t, func(t *fake) { gvtest.Explore(t, nothing, opt) }).expect(t, "gvtest: Explore with")
	}
	for _, opt := range []gvtest.Option{gvtest.Seed(1), gvtest.Runs(1)} {
		try(t, func(t *fake) {
			gvtest.Run(t, func(context.Context) error { return nil }, opt)
		}).expect(t, "use Explore")
	}
	try(t, func(t *fake) {
		gvtest.Run(t, func(context.Context) error { return nil }, gvtest.Config(gv.Config{Workers: -1}))
	}).expect(t, "Config.Workers is -1")
}

// A deadlock is not found too soon for those that may yet wake a thread.
func TestExploreReportsDeadlocksLate(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes as long as goroutines are waited for")
	}
	once(t, func(t testing.TB, rt *gv.Runtime) { gv.Select() }).expect(t, "deadlock")
}
