package gv_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// starving is a Config under which a thread that is ready is soon boosted.
func starving() gv.Config {
	return gv.Config{Workers: 1, MaxWait: 20 * time.Millisecond, TimeSlice: 2 * time.Millisecond}
}

// A boosted thread that never waits is preempted when its slice is over, also by
// threads that are below Critical, and boosted again later.
func TestBoostIsForOneSlice(t *testing.T) {
	const slices = 3
	for _, safepoints := range []bool{true, false} {
		name := "no safepoints"
		if safepoints {
			name = "safepoints"
		}
		t.Run(name, func(t *testing.T) {
			rt := openForced(t, starving())
			var low atomic.Pointer[spinner]
			hog := rt.Go(func(context.Context) error {
				for seen, turns := int64(0), 0; turns < slices; gv.Safepoint() {
					if s := low.Load(); s != nil && s.rounds.Load() != seen {
						seen = s.rounds.Load()
						turns++
					}
				}
				return nil
			}, gv.WithPriority(gv.High))
			low.Store(startSpinner(rt, gv.Low, safepoints))
			if err := hog.Wait(); err != nil {
				t.Error(err)
			}
			if err := low.Load().end(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A boosted thread that blocks in Go doesn't keep others from being boosted.
func TestBoostOfThreadThatBlocks(t *testing.T) {
	rt := openForced(t, starving())
	hog := startSpinner(rt, gv.High, true)
	release := make(chan struct{})
	var blocks atomic.Bool
	blocked := rt.Go(func(context.Context) error {
		blocks.Store(true)
		<-release
		return nil
	}, gv.WithPriority(gv.Low))
	until(blocks.Load)
	next := rt.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.Low))
	if err := next.Wait(); err != nil {
		t.Error(err)
	}
	close(release)
	if err := waitAll([]*gv.Thread{blocked}); err != nil {
		t.Error(err)
	}
	if err := hog.end(); err != nil {
		t.Error(err)
	}
}

// A thread that was boosted and waits for a sync.Mutex leaves the boost to the one
// that holds it and is starved as well.
func TestBoostReachesHolderOfGoMutex(t *testing.T) {
	rt := openForced(t, starving())
	var mu sync.Mutex
	var holds, release atomic.Bool
	holder := rt.Go(func(context.Context) error {
		mu.Lock()
		defer mu.Unlock()
		holds.Store(true)
		for !release.Load() {
			spin(100)
		}
		return nil
	}, gv.WithPriority(gv.Low))
	until(holds.Load)
	hog := startSpinner(rt, gv.High, true)
	waiter := rt.Go(func(context.Context) error {
		release.Store(true)
		mu.Lock()
		defer mu.Unlock()
		return nil
	}, gv.WithPriority(gv.Low))
	if err := waitAll([]*gv.Thread{holder, waiter}); err != nil {
		t.Error(err)
	}
	if err := hog.end(); err != nil {
		t.Error(err)
	}
}
