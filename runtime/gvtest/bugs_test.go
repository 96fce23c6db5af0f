package gvtest_test

import (
	"context"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// lostUpdate has two threads count without a lock.
func lostUpdate(t testing.TB, rt *gv.Runtime) {
	count := 0
	var wg gv.WaitGroup
	for range 2 {
		wg.Go(func(context.Context) error {
			n := count
			gv.Yield()
			count = n + 1
			return nil
		})
	}
	wg.Wait()
	if count != 2 {
		t.Errorf("the count is %d, not 2", count)
	}
}

// abba has two threads take two locks in opposite orders.
func abba(_ testing.TB, rt *gv.Runtime) {
	var a, b gv.Mutex
	takeBoth := func(first, second *gv.Mutex) func(context.Context) error {
		return func(context.Context) error {
			first.Lock()
			defer first.Unlock()
			second.Lock()
			defer second.Unlock()
			return nil
		}
	}
	rt.Go(takeBoth(&a, &b))
	rt.Go(takeBoth(&b, &a))
}

// missedWakeUp has a thread look at a condition before it waits, and not while it has the lock.
func missedWakeUp(_ testing.TB, rt *gv.Runtime) {
	var mu gv.Mutex
	cond := gv.NewCond(&mu)
	ready := false
	rt.Go(func(context.Context) error {
		mu.Lock()
		wait := !ready
		mu.Unlock()
		if wait {
			mu.Lock()
			cond.Wait()
			mu.Unlock()
		}
		return nil
	})
	rt.Go(func(context.Context) error {
		mu.Lock()
		ready = true
		cond.Signal()
		mu.Unlock()
		return nil
	})
}

// leftBehind fails only if one thread stands still while another does much.
func leftBehind(t testing.TB, rt *gv.Runtime) {
	done := 0
	slow := rt.Go(func(context.Context) error {
		gv.Safepoint()
		if done == 50 {
			t.Error("the slow one came last")
		}
		return nil
	})
	rt.Go(func(context.Context) error {
		for range 50 {
			gv.Safepoint()
			done++
		}
		return nil
	})
	slow.Wait()
}

// correct is what the others should be.
func correct(t testing.TB, rt *gv.Runtime) {
	var mu gv.Mutex
	cond := gv.NewCond(&mu)
	count := 0
	var wg gv.WaitGroup
	for range 3 {
		wg.Go(func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			n := count
			gv.Yield()
			count = n + 1
			cond.Broadcast()
			return nil
		})
	}
	wg.Go(func(context.Context) error {
		mu.Lock()
		defer mu.Unlock()
		for count < 3 {
			cond.Wait()
		}
		return nil
	})
	wg.Wait()
	if count != 3 {
		t.Errorf("the count is %d, not 3", count)
	}
}
