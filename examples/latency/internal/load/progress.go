package load

import (
	"context"
	"fmt"
	"time"
)

// await returns when every request is answered, or when Config.Drain has passed
// since the last was due; with an error when ctx ends before. Meanwhile it
// calls the functions of the Config.
func (r *run) await(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last := r.dueAt(len(r.latency) - 1).Add(r.cfg.Drain)
	late := time.NewTimer(time.Until(last))
	defer late.Stop()
	measuring := r.measuring
	for {
		select {
		case <-measuring:
			measuring = nil
			r.warm()
		case <-r.done:
			if measuring != nil { // both were ready
				r.warm()
			}
			return nil
		case <-ctx.Done():
			return fmt.Errorf("load: stopped after %d of %d answers: %w", r.answered.Load(), len(r.latency), context.Cause(ctx))
		case <-late.C:
			return nil
		case <-tick.C:
			r.report()
		}
	}
}

// warm calls Config.Measuring.
func (r *run) warm() {
	if r.cfg.Measuring != nil {
		r.cfg.Measuring()
	}
}

// report calls Config.Progress.
func (r *run) report() {
	if r.cfg.Progress == nil {
		return
	}
	r.cfg.Progress(Progress{
		Elapsed:  time.Since(r.start),
		Answered: int(r.answered.Load()),
		Slowest:  time.Duration(r.slowest.Swap(0)),
	})
}
