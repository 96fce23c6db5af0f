package gv_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// TestSeenPanicIsGarbage checks that a panic that came before the Wait is
// forgotten after it, also where its value refers to the thread.
func TestSeenPanicIsGarbage(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		// The Monitor may remember a thread for each worker.
		const several = 8
		collected := make(chan struct{}, several)
		for range several {
			thread := rt.Go(func(context.Context) error { panic(gv.Current()) })
			<-thread.Done()
			var p *gv.PanicError
			if err := thread.Wait(); !errors.As(err, &p) || p.Value != any(thread) {
				t.Errorf("Wait: %v, want the panic", err)
			}
			goruntime.AddCleanup(thread, func(c chan struct{}) { c <- struct{}{} }, collected)
		}
		for len(collected) == 0 {
			goruntime.GC()
		}
	})
}
