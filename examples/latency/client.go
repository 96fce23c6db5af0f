package main

import (
	"bufio"
	"context"
	"encoding/json"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gvthread/gvthread/examples/latency/internal/load"
)

// drain is how long the generator waits for the last answers.
const drain = 5 * time.Second

// A loadTask says what a load generator is to do.
type loadTask struct {
	Addr     string
	Requests []load.Request
	Conns    int
	Rate     float64
	Warmup   time.Duration
	Duration time.Duration
}

// A loadEvent is what a load generator says: one of its fields.
type loadEvent struct {
	Measuring bool           `json:",omitempty"` // the warm-up is over
	Measured  bool           `json:",omitempty"` // the measured part is over
	Progress  *load.Progress `json:",omitempty"`
	Result    *load.Result   `json:",omitempty"` // the last event
}

// runLoad is the load generator process.
func runLoad(in *bufio.Reader, out *json.Encoder) error {
	var task loadTask
	if err := readTask(in, &task); err != nil {
		return err
	}
	// One processor for the thread that does the work, one for progress. The
	// garbage of a run is a few megabytes: no collection is to disturb it.
	runtime.GOMAXPROCS(2)
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(256 << 20)

	// An answer that can't be written ends the process: see package os on EPIPE.
	say := func(e loadEvent) { _ = out.Encode(e) }
	res, err := load.Run(context.Background(), load.Config{
		Addr:      task.Addr,
		Conns:     task.Conns,
		Rate:      task.Rate,
		Warmup:    task.Warmup,
		Duration:  task.Duration,
		Drain:     drain,
		Requests:  task.Requests,
		Measuring: func() { say(loadEvent{Measuring: true}) },
		Measured:  func() { say(loadEvent{Measured: true}) },
		Progress:  func(p load.Progress) { say(loadEvent{Progress: &p}) },
	})
	if err != nil {
		return err
	}
	return out.Encode(loadEvent{Result: res})
}
