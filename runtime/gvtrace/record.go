package gvtrace

import (
	"context"
	"fmt"
	"io"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// recordBytes is how much memory Record takes: what is longer, viewers have difficulties to
// show.
const recordBytes = 32 << 20

// Record records what the workers of rt do for as long as d, and then writes it to w. It
// takes up to 32 MiB, which is about 300,000 turns; if there are more, the file has the last
// ones, and says how many are missing. A nil rt stands for the runtime that gv.Go uses.
//
// When ctx ends first, nothing is written, and Record returns the context's cause. It fails
// if d is not above 0, if w does, and, with an error that wraps gv.ErrRuntimeClosed, if the
// runtime is closed at the beginning; it may be closed later. In a thread, Record holds no
// worker while it waits.
func Record(ctx context.Context, rt *gv.Runtime, w io.Writer, d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("gvtrace: record for %v: the time must be above 0", d)
	}
	r := NewFlightRecorder(rt, Config{MinAge: d, MaxBytes: recordBytes})
	if err := r.Start(); err != nil {
		return err
	}
	defer r.Stop()
	if err := wait(ctx, d); err != nil {
		return err
	}
	_, err := r.WriteTo(w)
	return err
}

// wait waits for as long as d, or returns the cause if ctx ends first.
func wait(ctx context.Context, d time.Duration) (err error) {
	gv.Block(func() {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	})
	return err
}
