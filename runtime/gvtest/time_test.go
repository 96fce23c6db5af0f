package gvtest_test

import (
	"context"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtest"
	"github.com/gvthread/gvthread/runtime/gvtrace"
)

// Who begins to record, or ends that, leaves the time alone by which threads sleep.
func TestRecordingKeepsTheTime(t *testing.T) {
	gvtest.Explore(t, func(t testing.TB, rt *gv.Runtime) {
		earlier := rt.Go(func(context.Context) error { return gv.Sleep(4 * time.Hour) })
		gv.Sleep(2 * time.Hour)
		r := gvtrace.NewFlightRecorder(rt, gvtrace.Config{})
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		gv.Sleep(time.Hour)
		r.Stop()
		gv.Sleep(3 * time.Hour)
		select {
		case <-earlier.Done():
		default:
			t.Error("who sleeps from hour 0 to hour 4 is woken after who sleeps from hour 3 to hour 6")
		}
	}, gvtest.Runs(3))
}
