package gv_test

import (
	"context"
	"fmt"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// starving is a Config under which a thread that is ready is soon boosted.
func starving() gv.Config {
	return gv.Config{Workers: 1, MaxWait: 20 * time.Millisecond, TimeSlice: 2 * time.Millisecond}
}

// A boosted thread that never waits is preempted when its slice is over, also by
// threads that are below Critical, and boosted again later. The slice is one of Normal
// threads, but not a long one.
func TestBoostIsForOneSlice(t *testing.T) {
	const slices = 3
	for i := range 8 {
		safepoints, longLow, longNormal := i&1 == 0, i&2 != 0, i&4 != 0
		t.Run(fmt.Sprintf("safepoints=%v/long=%v,%v", safepoints, longLow, longNormal), func(t *testing.T) {
			c := starving()
			if longLow {
				c.Slices[gv.Low] = long
			}
			if longNormal {
				c.Slices[gv.Normal] = long
			}
			rt := openForced(t, c)
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

// Threads without safepoints that starve are boosted one after the other, and not the same
// ones again and again.
func TestBoostsGoRound(t *testing.T) {
	for _, safepoints := range []bool{true, false} {
		t.Run(fmt.Sprintf("safepoints=%v", safepoints), func(t *testing.T) {
			defer watchdog(t)()
			rt := openForced(t, starving())
			hog := startSpinner(rt, gv.High, true)
			var stop atomic.Bool
			var ran atomic.Int32
			var low []*gv.Thread
			for range 8 {
				low = append(low, rt.Go(func(context.Context) error {
					ran.Add(1)
					for !stop.Load() {
						enginetest.Spin(200)
						if safepoints {
							gv.Safepoint()
						}
					}
					return nil
				}, gv.WithPriority(gv.Low)))
			}
			until(func() bool { return int(ran.Load()) == len(low) })
			stop.Store(true)
			if err := waitAll(low); err != nil {
				t.Error(err)
			}
			if err := hog.end(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A boost does not outlast a call of Block, in which the thread needs no worker.
func TestBoostEndsInBlock(t *testing.T) {
	rt := openForced(t, starving())
	hog := startSpinner(rt, gv.High, true)
	err := rt.Go(func(context.Context) error {
		if p := gv.Current().Effective(); p != gv.Critical {
			return fmt.Errorf("runs beside a High thread as %v", p)
		}
		var inside gv.Priority
		gv.Block(func() { inside = gv.Current().Effective() })
		if inside != gv.Low {
			return fmt.Errorf("is %v in Block", inside)
		}
		return nil
	}, gv.WithPriority(gv.Low)).Wait()
	if err != nil {
		t.Error(err)
	}
	if err := hog.end(); err != nil {
		t.Error(err)
	}
}

// Threads that wait on the worker of a higher one have their turns on another, on which
// their equals run, without boosts.
func TestTurnsBehindHigher(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			defer watchdog(t)()
			rt := open(t, gv.Config{Engine: engine, Workers: 2, TimeSlice: 2 * time.Millisecond, MaxWait: long})
			equal := startSpinner(rt, gv.Low, true)
			const waiters = 3
			var ran atomic.Int32
			err := rt.Go(func(context.Context) error {
				var low []*gv.Thread
				for range waiters {
					low = append(low, gv.Go(func(context.Context) error { ran.Add(1); return nil }, gv.WithPriority(gv.Low)))
				}
				for ran.Load() < waiters {
					enginetest.Spin(200)
					gv.Safepoint()
				}
				return waitAll(low)
			}, gv.WithPriority(gv.High)).Wait()
			if err != nil {
				t.Error(err)
			}
			if err := equal.end(); err != nil {
				t.Error(err)
			}
			if n := rt.Stats().Boosts; n > 0 {
				t.Errorf("%d boosts", n)
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
			enginetest.Spin(100)
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

// A thread that ends while it is boosted is garbage when nobody refers to it any more: nobody
// would learn of its panic.
func TestBoostedThreadIsGarbage(t *testing.T) {
	defer watchdog(t)()
	rt := openForced(t, starving())
	collected := make(chan struct{})
	func() {
		hog := startSpinner(rt, gv.High, true)
		// It runs beside a High thread, boosted.
		thread := rt.Go(func(context.Context) error { hog.stop.Store(true); return nil }, gv.WithPriority(gv.Low))
		goruntime.AddCleanup(thread, func(c chan struct{}) { close(c) }, collected)
		if err := hog.thread.Wait(); err != nil {
			t.Error(err)
		}
		if err := thread.Wait(); err != nil {
			t.Error(err)
		}
	}()
	for {
		goruntime.GC()
		select {
		case <-collected:
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// A thread that ends while others sleep for long is garbage when nobody refers to it any more:
// nobody would learn of its panic until they wake.
func TestThreadIsGarbageWhileOthersSleep(t *testing.T) {
	onEachEngine(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		defer watchdog(t)()
		collected := make(chan struct{})
		sleeper := func() (sleeper *gv.Thread) {
			goesOn := make(chan struct{})
			thread := rt.Go(func(context.Context) error { <-goesOn; return nil })
			goruntime.AddCleanup(thread, func(c chan struct{}) { close(c) }, collected)
			sleeper = rt.Go(func(context.Context) error { return gv.Sleep(time.Hour) })
			time.Sleep(30 * time.Millisecond) // by then nothing but the sleep is left to time
			close(goesOn)
			if err := thread.Wait(); err != nil {
				t.Error(err)
			}
			return sleeper
		}()
		for freed := false; !freed; {
			goruntime.GC()
			select {
			case <-collected:
				freed = true
			case <-time.After(time.Millisecond):
			}
		}
		sleeper.Cancel(nil)
		_ = sleeper.Wait() // cancelled
	})
}
