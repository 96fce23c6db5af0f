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

// A thread ends whatever OnPanic does, and whatever a deferred function does
// after runtime.Goexit; its worker and its fiber are not lost.
func TestThreadEndsByGoexitAndPanic(t *testing.T) {
	heard := 0
	c := gv.Config{Workers: 1, OnPanic: func(*gv.PanicError) {
		heard++
		goruntime.Goexit()
	}}
	onEachEngine(t, c, func(t *testing.T, rt *gv.Runtime) {
		heard = 0
		for _, fn := range []func(context.Context) error{
			func(context.Context) error { panic("once") },
			func(context.Context) error {
				defer panic("once")
				goruntime.Goexit()
				return nil
			},
		} {
			th := rt.Go(fn)
			<-th.Done()
			var p *gv.PanicError
			if err := th.Wait(); !errors.As(err, &p) || p.Value != "once" {
				t.Errorf("Wait: %v, want the panic", err)
			}
		}
		if heard != 2 {
			t.Errorf("OnPanic was called %d times for 2 panics", heard)
		}
		if err := rt.Run(func(context.Context) error { return nil }); err != nil {
			t.Error(err)
		}
	})
}
