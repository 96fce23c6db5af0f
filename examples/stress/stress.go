package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A result is what a run took.
type result struct {
	threads int
	engine  gv.Engine
	// start is the time that starting the threads took, park the time from
	// then until all were parked, wake from the wake-up until all had run
	// again, finish from then until all had been waited for.
	start, park, wake, finish time.Duration
	// parked is what the parked threads took together, and atPeak what the process had then.
	parked, atPeak memory
}

// stress runs n threads that are parked all at once.
func stress(n int, stacks gv.StackKind, progress io.Writer) (*result, error) {
	rt, err := gv.New(gv.Config{MaxThreads: n, Stacks: stacks})
	if err != nil {
		return nil, err
	}
	r := &result{threads: n, engine: rt.Capabilities().Engine}
	err = r.run(rt, progress)
	return r, errors.Join(err, rt.Close())
}

func (r *result) run(rt *gv.Runtime, progress io.Writer) error {
	var (
		gate    = gv.NewChan[struct{}](0)
		arrived atomic.Int64 // threads that are about to park
		woken   atomic.Int64
		sum     atomic.Int64 // of the numbers of the woken threads
	)
	threads := make([]*gv.Thread, r.threads)
	before := measure()

	began := time.Now()
	for i := range threads {
		threads[i] = rt.Go(func(context.Context) error {
			arrived.Add(1)
			if _, err := gate.Recv(); !errors.Is(err, gv.ErrClosed) {
				return fmt.Errorf("thread %d was woken with %v, not by the gate", i, err)
			}
			sum.Add(int64(i))
			woken.Add(1)
			return nil
		})
		if i%10_000 == 9_999 {
			fmt.Fprintf(progress, "%d threads started, %d have run\n", i+1, arrived.Load())
		}
	}
	r.start = lap(&began)

	for _, t := range threads {
		for t.State() != gv.StateBlocked {
			if t.State() == gv.StateDone {
				return fmt.Errorf("thread %d did not park: %w", t.ID(), t.Err())
			}
			time.Sleep(time.Millisecond)
		}
	}
	r.park = lap(&began)
	fmt.Fprintf(progress, "%d threads are parked\n", arrived.Load())
	r.atPeak = measure()
	r.parked = r.atPeak.minus(before)

	began = time.Now()
	gate.Close()
	for woken.Load() < int64(r.threads) {
		time.Sleep(100 * time.Microsecond)
	}
	r.wake = lap(&began)

	for _, t := range threads {
		if err := t.Wait(); err != nil {
			return err
		}
	}
	r.finish = lap(&began)
	n := int64(r.threads)
	if want := n * (n - 1) / 2; sum.Load() != want {
		return fmt.Errorf("the threads' numbers add up to %d, want %d", sum.Load(), want)
	}
	return nil
}

// lap returns the time since *began, and begins anew.
func lap(began *time.Time) time.Duration {
	now := time.Now()
	d := now.Sub(*began)
	*began = now
	return d
}

// print writes the result for a reader.
func (r *result) print(out io.Writer) {
	fmt.Fprintf(out, "%d threads, %v engine\n\n", r.threads, r.engine)
	for _, phase := range []struct {
		name string
		took time.Duration
	}{{"start", r.start}, {"park", r.park}, {"wake", r.wake}, {"finish", r.finish}} {
		fmt.Fprintf(out, "%-7s %8.1f ms   %6d ns a thread\n", phase.name,
			float64(phase.took)/float64(time.Millisecond), phase.took.Nanoseconds()/int64(r.threads))
	}
	per := func(bytes int64) int64 { return bytes / int64(r.threads) }
	fmt.Fprintf(out, "\na parked thread takes %d bytes: %d of stack, %d of heap\n",
		per(r.parked.stack+r.parked.heap), per(r.parked.stack), per(r.parked.heap))
	if r.parked.resident > 0 {
		fmt.Fprintf(out, "resident memory grew by %d bytes a thread\n", per(r.parked.resident))
	}
}
