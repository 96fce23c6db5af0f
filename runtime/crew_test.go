package gv_test

import (
	"context"
	"fmt"
	goruntime "runtime"
	"sync"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// A crew runs functions beside each other, as threads, as plain goroutines, or
// as the one and the other in turn. It is how tests show that a primitive works
// between all of them.
type crew struct {
	rt      *gv.Runtime
	kind    crewKind
	started int
	running sync.WaitGroup
}

type crewKind uint8

const (
	threads crewKind = iota
	goroutines
	mixed
)

func (k crewKind) String() string { return [...]string{"threads", "goroutines", "mixed"}[k] }

// forEachCrew runs test with crews of each kind on each engine, and waits for
// the crew at its end.
func forEachCrew(t *testing.T, test func(t *testing.T, c *crew)) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		for kind := threads; kind <= mixed; kind++ {
			t.Run(kind.String(), func(t *testing.T) {
				c := &crew{rt: rt, kind: kind}
				test(t, c)
				c.wait()
			})
		}
	})
}

// start runs fn as the next member of the crew.
func (c *crew) start(fn func()) {
	c.started++
	c.running.Add(1)
	if c.kind == threads || c.kind == mixed && c.started%2 == 1 {
		c.rt.Go(func(context.Context) error {
			defer c.running.Done()
			fn()
			return nil
		})
		return
	}
	go func() {
		defer c.running.Done()
		fn()
	}()
}

// wait waits until all members have returned.
func (c *crew) wait() { c.running.Wait() }

// until returns when the condition holds. It is for conditions that others make
// true, and lets them run meanwhile.
func until(condition func() bool) {
	for !condition() {
		gv.Yield()
		goruntime.Gosched()
	}
}

// mustPanic calls fn and reports an error unless it panics with want.
func mustPanic(t *testing.T, want string, fn func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := fmt.Sprint(recover()); got != want {
			t.Errorf("panic with %q, want %q", got, want)
		}
	}()
	fn()
}
