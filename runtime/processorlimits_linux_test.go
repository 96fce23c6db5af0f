package gv_test

import (
	"context"
	"fmt"
	"os"
	goruntime "runtime"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	gv "github.com/gvthread/gvthread/runtime"
)

// allow lets all OS threads of the process use the first n cores of those in from, and those
// that they start.
func allow(from unix.CPUSet, n int) error {
	var cores unix.CPUSet
	for cpu := 0; cores.Count() < n; cpu++ {
		if from.IsSet(cpu) {
			cores.Set(cpu)
		}
	}
	// One that is not changed yet may start another: it is over when all are found changed.
	for changed := true; changed; {
		changed = false
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		for _, thread := range threads {
			tid, err := strconv.Atoi(thread.Name())
			if err != nil {
				return err
			}
			var has unix.CPUSet
			if err := unix.SchedGetaffinity(tid, &has); err != nil || has == cores {
				continue // it has ended, or has them
			}
			if err := unix.SchedSetaffinity(tid, &cores); err != nil && err != unix.ESRCH {
				return err
			}
			changed = true
		}
	}
	return nil
}

// cores returns those that the process may use. There must be two at least.
func cores(t *testing.T) (set unix.CPUSet) {
	t.Helper()
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		t.Skip(err)
	}
	if set.Count() < 2 {
		t.Skip("the process may use one core only")
	}
	return set
}

func wantProcs(t *testing.T, when string, want int) {
	t.Helper()
	if n := goruntime.GOMAXPROCS(0); n != want {
		t.Errorf("%s GOMAXPROCS is %d, want %d", when, n, want)
	}
}

// awaitProcs keeps rt's Monitor awake until GOMAXPROCS is as wanted. rt may be nil.
func awaitProcs(t *testing.T, rt *gv.Runtime, want int) {
	t.Helper()
	defer watchdog(t)()
	until(func() bool {
		if rt != nil {
			if err := rt.Do(func(context.Context) error { return gv.Sleep(time.Millisecond) }); err != nil {
				t.Fatal(err)
			}
		}
		return goruntime.GOMAXPROCS(0) == want
	})
}

// limited runs a case in a process of its own, where GOMAXPROCS is Go's choice.
func limited(t *testing.T, test func(t *testing.T), env ...string) {
	if inOwnProcess(t, append([]string{"GOMAXPROCS="}, env...)...) {
		test(t)
	}
}

// Where GOMAXPROCS was Go's choice, it follows the limits while runtimes are open, and again
// when the last of them has closed.
func TestProcessorsFollowLimits(t *testing.T) {
	all := cores(t)
	limited(t, func(t *testing.T) {
		if err := allow(all, 1); err != nil {
			t.Skip(err)
		}
		goruntime.SetDefaultGOMAXPROCS()
		wantProcs(t, "with one core", 1)
		a := mustOpen(t, gv.Config{Engine: gv.Native})
		one := goruntime.GOMAXPROCS(0)
		if err := allow(all, 2); err != nil {
			t.Fatal(err)
		}
		awaitProcs(t, a, one+1)
		if n := a.Stats().Workers; n != 1 {
			t.Errorf("the runtime that was opened with one core has %d workers", n)
		}
		b := mustOpen(t, gv.Config{Engine: gv.Native})
		if n := b.Stats().Workers; n != 2 {
			t.Errorf("a runtime that was opened with two cores has %d workers", n)
		}
		both := goruntime.GOMAXPROCS(0)
		if err := allow(all, 1); err != nil {
			t.Fatal(err)
		}
		gv.FollowLimits()
		wantProcs(t, "with one core again, and two workers in b,", both)
		mustClose(t, b)
		wantProcs(t, "with a alone, and one core,", one)
		mustClose(t, a)
		wantProcs(t, "after the last Close", 1)
		if err := allow(all, 2); err != nil {
			t.Fatal(err)
		}
		awaitProcs(t, nil, 2) // Go does that
	})
}

// The default runtime is never closed. It follows, and others leave it as it was.
func TestDefaultRuntimeFollowsLimits(t *testing.T) {
	all := cores(t)
	limited(t, func(t *testing.T) {
		if err := allow(all, 1); err != nil {
			t.Skip(err)
		}
		goruntime.SetDefaultGOMAXPROCS()
		rt := gv.DefaultRuntime()
		if why := rt.Capabilities().EngineReason; why != "" {
			t.Skip(why)
		}
		one := goruntime.GOMAXPROCS(0)
		mustClose(t, mustOpen(t, gv.Config{Engine: gv.Native, Workers: 5}))
		wantProcs(t, "after another has closed", one)
		if err := allow(all, 2); err != nil {
			t.Fatal(err)
		}
		awaitProcs(t, rt, one+1)
	})
}

// A number that the program has set stays, before a runtime is opened and while one is, and
// so does one of the environment; and where Go doesn't follow, nobody does.
func TestChosenProcessorsStay(t *testing.T) {
	all := cores(t)
	const chosen = 17
	set := func() { goruntime.GOMAXPROCS(chosen) }
	nothing := func() {}
	for _, test := range []struct {
		name, env     string
		before, while func()
	}{
		{"set before", "GOMAXPROCS=", set, nothing},
		{"set while open", "GOMAXPROCS=", nothing, set},
		{"environment", fmt.Sprint("GOMAXPROCS=", chosen), nothing, nothing},
		{"GODEBUG", "GODEBUG=updatemaxprocs=0", nothing, nothing},
	} {
		t.Run(test.name, func(t *testing.T) {
			limited(t, func(t *testing.T) {
				test.before()
				found := goruntime.GOMAXPROCS(0)
				rt := mustOpen(t, gv.Config{Engine: gv.Native})
				if n := rt.Stats().Workers; n != found {
					t.Errorf("it has %d workers, and GOMAXPROCS was %d", n, found)
				}
				test.while()
				stays := goruntime.GOMAXPROCS(0)
				if err := allow(all, 1); err != nil {
					t.Skip(err)
				}
				gv.FollowLimits()
				wantProcs(t, "while the runtime is open", stays)
				mustClose(t, rt)
				if test.name != "set while open" {
					stays = found
				}
				wantProcs(t, "after Close", stays)
			}, test.env)
		})
	}
}
