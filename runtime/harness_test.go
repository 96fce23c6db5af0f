package gv_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// long is longer than any test: what Config times is off when it is set to
// this.
const long = time.Hour

// engines are those that tests run on.
var engines = []gv.Engine{gv.Native, gv.Portable}

// stacksEnv makes the tests run on slots, on the Native engine, if it is "slots".
const stacksEnv = "GV_STACKS"

// newRuntime is gv.New with the stacks that the environment asks for.
func newRuntime(t *testing.T, c gv.Config) *gv.Runtime {
	t.Helper()
	if os.Getenv(stacksEnv) == "slots" && c.Engine != gv.Portable {
		c.Stacks = gv.SlotStacks
	}
	rt, err := gv.New(c)
	switch {
	case errors.Is(err, gv.ErrSlotsUnavailable):
		t.Fatal(err)
	case err != nil:
		t.Skip(err)
	}
	return rt
}

// open returns a new runtime that is closed when the test ends, and stops the
// test if it hangs. An engine that can't be had skips the test, with the reason.
func open(t *testing.T, c gv.Config) *gv.Runtime {
	t.Helper()
	rt := newRuntime(t, c)
	if d := os.Getenv("GODEBUG"); rt.Capabilities().Engine == gv.Portable &&
		(strings.Contains(d, "asyncpreemptoff=1") || strings.Contains(d, "gccheckmark=1")) {
		rt.Close()
		t.Skip("threads that hold all processors keep the Portable engine's Monitor from running: GODEBUG=" + d)
	}
	stop := watchdog(t)
	t.Cleanup(func() {
		if err := rt.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		stop()
	})
	return rt
}

// needStops skips a test whose uninstrumented loops must be stopped, where the Native
// engine can't stop them.
func needStops(t *testing.T, rt *gv.Runtime) {
	t.Helper()
	if caps := rt.Capabilities(); caps.Engine == gv.Native && !caps.Forced {
		t.Skip(caps.ForcedReason)
	}
}

// openForced is open for tests of forced preemption, which the Native engine
// has.
func openForced(t *testing.T, c gv.Config) *gv.Runtime {
	t.Helper()
	c.Engine = gv.Native
	rt := open(t, c)
	if caps := rt.Capabilities(); !caps.Forced {
		t.Skip(caps.ForcedReason)
	}
	return rt
}

// onEachEngine runs test as a subtest for each engine, with a runtime that is
// set up by c.
func onEachEngine(t *testing.T, c gv.Config, test func(t *testing.T, rt *gv.Runtime)) {
	for _, engine := range engines {
		c.Engine = engine
		t.Run(engine.String(), func(t *testing.T) { test(t, open(t, c)) })
	}
}

// attempts is how often undisturbed tries.
const attempts = 10

// undisturbed runs test on new runtimes until one had no worker taken from a
// thread that gave no sign of life, and then reports what test returned. On the
// Portable engine such a thread can't be told from one that is blocked in Go,
// and on a busy machine it may have been the operating system that stopped it:
// strict order holds among the threads that are alive.
func undisturbed(t *testing.T, c gv.Config, test func(rt *gv.Runtime) error) {
	t.Helper()
	for range attempts {
		rt := newRuntime(t, c)
		stop := watchdog(t)
		err := test(rt)
		if err := rt.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		stop()
		// Now that the Monitor has ended: it counts what it has done.
		if rt.Stats().Handoffs > 0 {
			continue
		}
		if err != nil {
			t.Error(err)
		}
		return
	}
	t.Skipf("the machine is too busy: workers were taken from threads in each of %d attempts", attempts)
}

// A journal records what happens, in order.
type journal[T any] struct {
	mu     sync.Mutex
	events []T
}

func (j *journal[T]) add(event T) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, event)
}

func (j *journal[T]) all() []T {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.events)
}

// A gate holds a worker with a thread that is Critical and never blocks, until it
// is opened.
type gate struct {
	opened atomic.Bool
	thread *gv.Thread
}

// closeGate starts a gate and returns when it has a worker.
func closeGate(rt *gv.Runtime) *gate {
	g := &gate{}
	var runs atomic.Bool
	g.thread = rt.Go(func(context.Context) error {
		runs.Store(true)
		for !g.opened.Load() {
			gv.Safepoint()
			goruntime.Gosched()
		}
		return nil
	}, gv.WithPriority(gv.Critical), gv.WithName("gate"))
	until(runs.Load)
	return g
}

// open lets the other threads have the worker.
func (g *gate) open() { g.opened.Store(true) }

// waitAll waits for all threads and returns the first error.
func waitAll(ts []*gv.Thread) error {
	var first error
	for _, th := range ts {
		if err := th.Wait(); err != nil && first == nil {
			first = fmt.Errorf("thread %d %s: %w", th.ID(), th.Name(), err)
		}
	}
	return first
}

// spareProcessors are more than all runtimes need that a test and those before it may
// have left open.
const spareProcessors = 16

// enoughProcessors keeps the runtimes that a test opens from telling their Loggers that
// GOMAXPROCS is too low for them and for those that are open besides: on few cores, it
// may be.
func enoughProcessors(t *testing.T) {
	before := goruntime.GOMAXPROCS(0)
	goruntime.GOMAXPROCS(before + spareProcessors)
	t.Cleanup(func() { goruntime.GOMAXPROCS(before) })
}
