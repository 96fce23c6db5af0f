package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// after is how often a waiting thread counts on when the loop is to stop.
const after = 10

// A way is a loop and a thread that waits for its worker, in a runtime of their own.
type way struct {
	name     string
	noForced bool
	rt       *gv.Runtime

	loop, waiter *gv.Thread
	spins, stop  atomic.Bool  // the loop has begun, and is to end
	count        atomic.Int64 // the waiting thread's
	beside       int64        // what it counted while the loop spun: set at the loop's end
}

// startAll starts the loops of all ways.
func startAll() ([]*way, error) {
	ways := []*way{{name: "instrumented", noForced: true}, {name: "forced"}, {name: "neither", noForced: true}}
	for i, spin := range []func(stop *atomic.Bool) uint64{spinWithSafepoints, spin, spin} {
		if err := ways[i].start(spin); err != nil {
			for _, w := range ways[:i] {
				err = errors.Join(err, w.finish())
			}
			return nil, err
		}
	}
	return ways, nil
}

// start starts a thread that counts and, when it has counted, one that spins. It
// returns when the loop has begun.
func (w *way) start(spin func(stop *atomic.Bool) uint64) (err error) {
	w.rt, err = gv.New(gv.Config{Workers: 1, NoForced: w.noForced})
	if err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	w.waiter = w.rt.Go(w.wait, gv.WithPriority(gv.Critical))
	for w.count.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	w.loop = w.rt.Go(func(context.Context) error {
		before := w.count.Load()
		w.spins.Store(true)
		spin(&w.stop)
		w.beside = w.count.Load() - before
		return nil
	}, gv.WithPriority(gv.Low))
	for !w.spins.Load() {
		time.Sleep(time.Millisecond)
	}
	return nil
}

// wait counts the turns that its thread gets.
func (w *way) wait(context.Context) error {
	for left := after; left > 0; {
		if err := gv.Sleep(time.Millisecond); err != nil {
			return err
		}
		w.count.Add(1)
		if w.stop.Load() {
			left--
		}
	}
	return nil
}

// finish stops the loop, and waits for both threads.
func (w *way) finish() error {
	w.stop.Store(true)
	return errors.Join(w.loop.Wait(), w.waiter.Wait(), w.rt.Close())
}

// cannot says why loops are not stopped by signals where they are to be.
func (w *way) cannot() string {
	if w.noForced {
		return ""
	}
	return w.rt.Capabilities().ForcedReason
}
