package gv_test

import (
	"context"
	goruntime "runtime"
	"testing"
	"testing/synctest"

	gv "github.com/gvthread/gvthread/runtime"
)

// In a bubble, where Do's function has a goroutine of its own, it ends in its caller as it
// does elsewhere.
func TestDoInABubbleEndsInItsCaller(t *testing.T) {
	onEachEngine(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		synctest.Test(t, func(t *testing.T) {
			func() {
				defer func() {
					if v := recover(); v != "oh" {
						t.Errorf("recovered %v, want the panic", v)
					}
				}()
				err := rt.Do(func(context.Context) error { panic("oh") }, gv.WithRepanic())
				t.Errorf("Do returned %v, want a panic", err)
			}()
			var done *gv.Thread
			returned, over := false, make(chan struct{})
			go func() {
				defer close(over)
				rt.Do(func(context.Context) error {
					done = gv.Current()
					goruntime.Goexit()
					return nil
				})
				returned = true
			}()
			<-over
			if err := done.Err(); returned || err != gv.ErrGoexit {
				t.Errorf("after Goexit, Do returned: %v, error %v, want %v", returned, err, gv.ErrGoexit)
			}
		})
	})
}
