package gv_test

import (
	"context"
	goruntime "runtime"
	"syscall"
	"testing"

	"github.com/gvthread/gvthread/arch"
	gv "github.com/gvthread/gvthread/runtime"
)

// TestOSThreadEndsWithItsThread checks that no thread runs on an OS thread that
// an earlier one was locked to when it returned, as with goroutines.
func TestOSThreadEndsWithItsThread(t *testing.T) {
	if err := arch.Native(); err != nil {
		t.Skip(err)
	}
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var left, found int
		rt.Go(func(context.Context) error {
			goruntime.LockOSThread()
			left = syscall.Gettid()
			return nil
		}).Wait()
		if left == syscall.Getpid() {
			t.Skip("Go does not end the main thread")
		}
		for range 10 {
			rt.Go(func(context.Context) error {
				found = syscall.Gettid()
				return nil
			}).Wait()
			if found == left {
				t.Fatalf("a thread runs on the OS thread %d, to which one that has ended was locked", left)
			}
		}
	})
}
