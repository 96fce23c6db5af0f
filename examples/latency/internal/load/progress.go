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
	over := time.NewTimer(time.Until(r.start.Add(r.cfg.Warmup + r.cfg.Duration)))
	defer over.Stop()
	measuring, measured := r.measuring, over.C
	begin := func() {
		if measuring != nil {
			measuring = nil
			call(r.cfg.Measuring)
		}
	}
	end := func() {
		begin() // both were ready
		if measured != nil {
			measured = nil
			call(r.cfg.Measured)
		}
	}
	for {
		select {
		case <-measuring:
			begin()
		case <-measured:
			end()
		case <-r.done:
			end()
			return nil
		case <-ctx.Done():
			return fmt.Errorf("load: stopped after %d of %d answers: %w", r.answered.Load(), len(r.latency), context.Cause(ctx))
		case <-late.C:
			end()
			return nil
		case <-tick.C:
			r.report()
		}
	}
}

// call calls a function of the Config, if it is there.
func call(f func()) {
	if f != nil {
		f()
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
