package load

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

// pace sends each request when it is due, until the last or until ctx ends.
func (r *run) pace(ctx context.Context) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	noSlack()
	for k := range r.latency {
		due := r.dueAt(k)
		sleepUntil(due)
		if ctx.Err() != nil {
			return
		}
		if k == r.cfg.unmeasured() && r.cfg.Measuring != nil {
			go r.cfg.Measuring()
		}
		r.late[k] = time.Since(due)
		r.dispatch(k)
	}
}

// await returns when every request is answered, or when Config.Drain has passed
// since the last was due; with an error when ctx ends before.
func (r *run) await(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last := r.dueAt(len(r.latency) - 1).Add(r.cfg.Drain)
	late := time.NewTimer(time.Until(last))
	defer late.Stop()
	for {
		select {
		case <-r.done:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("load: stopped after %d of %d answers: %w", r.answered.Load(), len(r.latency), context.Cause(ctx))
		case <-late.C:
			return nil
		case <-tick.C:
			if r.cfg.Progress != nil {
				r.cfg.Progress(Progress{
					Elapsed:  time.Since(r.start),
					Answered: int(r.answered.Load()),
					Slowest:  time.Duration(r.slowest.Swap(0)),
				})
			}
		}
	}
}
