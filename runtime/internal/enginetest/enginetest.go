// Package enginetest opens runtimes for tests of the packages beside gv.
package enginetest

import (
	"errors"
	"runtime/debug"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// patience is how long a test may take. It is there for those that hang, and long since a
// machine may stand still.
const patience = 5 * time.Minute

// Each runs test on a runtime of each engine that can be had, set up by c.
func Each(t *testing.T, c gv.Config, test func(t *testing.T, rt *gv.Runtime)) {
	t.Helper()
	for _, c.Engine = range []gv.Engine{gv.Native, gv.Portable} {
		t.Run(c.Engine.String(), func(t *testing.T) { test(t, Open(t, c)) })
	}
}

// Open returns a runtime that is closed when the test ends. It skips the test if there is no
// such engine here. A test that hangs ends the process with the stacks of all goroutines.
func Open(t testing.TB, c gv.Config) *gv.Runtime {
	t.Helper()
	rt, err := gv.New(c)
	if errors.Is(err, gv.ErrNativeUnavailable) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	alarm := time.AfterFunc(patience, func() {
		debug.SetTraceback("all")
		panic(t.Name() + " hangs")
	})
	t.Cleanup(func() {
		if err := rt.Close(); err != nil {
			t.Errorf("closing the runtime: %v", err)
		}
		alarm.Stop()
	})
	return rt
}
