package gvtest_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// everything has threads use all of package gv that waits, and then fails, so that its
// schedule is reported.
func everything(t testing.TB, rt *gv.Runtime) {
	for _, part := range []func(testing.TB, *gv.Runtime){
		channels, locks, timers, cancellations, groups, priorities,
	} {
		part(t, rt)
	}
	t.Error("that is all")
}

func channels(t testing.TB, rt *gv.Runtime) {
	a, b := gv.NewChan[int](0), gv.NewChan[int](1)
	var wg gv.WaitGroup
	for i := range 2 {
		wg.Go(func(context.Context) error { return a.Send(i) })
		wg.Go(func(context.Context) error { return b.Send(10 + i) })
	}
	sum := 0
	for range 4 {
		var v int
		if _, err := gv.Select(gv.RecvCase(a, &v), gv.RecvCase(b, &v)); err != nil {
			t.Error(err)
		}
		sum += v
	}
	wg.Wait()
	a.Close()
	for range a.All() {
		t.Error("something was left")
	}
	if b.TrySend(1) != nil || b.Len() != 1 || sum != 22 {
		t.Errorf("sum %d, length %d", sum, b.Len())
	}
}

func locks(t testing.TB, rt *gv.Runtime) {
	var mu gv.Mutex
	var rw gv.RWMutex
	sem := gv.NewSemaphore(2)
	inside, writes := 0, 0
	var wg gv.WaitGroup
	for range 3 {
		wg.Go(func(ctx context.Context) error {
			if err := sem.Acquire(ctx, 1); err != nil {
				return err
			}
			defer sem.Release(1)
			mu.Lock()
			inside++
			gv.Safepoint()
			mu.Unlock()
			rw.Lock()
			writes++
			rw.Unlock()
			rw.RLock()
			defer rw.RUnlock()
			if mu.TryLock() {
				mu.Unlock()
			}
			return nil
		})
	}
	wg.Wait()
	if inside != 3 || writes != 3 {
		t.Errorf("%d inside, %d writes", inside, writes)
	}
}

func timers(t testing.TB, rt *gv.Runtime) {
	var woken []int
	var threads []*gv.Thread
	for _, i := range []int{3, 1, 2} {
		threads = append(threads, rt.Go(func(context.Context) error {
			err := gv.Sleep(time.Duration(i) * time.Hour)
			woken = append(woken, i)
			return err
		}, gv.WithName("sleeper")))
	}
	for _, th := range threads {
		if err := th.Wait(); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(woken, []int{1, 2, 3}) {
		t.Errorf("woken in the order %v", woken)
	}
}

func cancellations(t testing.TB, rt *gv.Runtime) {
	ctx, cancel := context.WithCancelCause(context.Background())
	enough := errors.New("enough")
	var mu gv.Mutex
	mu.Lock()
	waiting := rt.Go(func(context.Context) error { return mu.LockContext(ctx) })
	given := rt.Go(func(ctx context.Context) error {
		for ctx.Err() == nil {
			gv.Sleep(time.Second)
		}
		return context.Cause(ctx)
	}, gv.WithContext(ctx))
	direct := rt.Go(func(context.Context) error { return gv.Sleep(time.Hour) })
	rt.Go(func(context.Context) error {
		cancel(enough)
		gv.Yield()
		direct.Cancel(enough)
		return nil
	})
	for _, th := range []*gv.Thread{waiting, given, direct} {
		if err := th.Wait(); !errors.Is(err, enough) {
			t.Errorf("thread %d: %v", th.ID(), err)
		}
	}
	mu.Unlock()
}

func groups(t testing.TB, rt *gv.Runtime) {
	sum := 0
	err := gv.ForEach(context.Background(), slices.Values([]int{1, 2, 3, 4}), 2, func(_ context.Context, v int) error {
		gv.Yield()
		sum += v
		return nil
	})
	if err != nil || sum != 10 {
		t.Errorf("sum %d, %v", sum, err)
	}
	for v, err := range gv.Map(context.Background(), slices.Values([]int{1, 2}), 2, func(_ context.Context, v int) (int, error) {
		return 2 * v, gv.Sleep(time.Second)
	}) {
		if err != nil || v%2 != 0 {
			t.Errorf("%d, %v", v, err)
		}
	}
	if err := rt.Do(func(context.Context) error { return rt.Run(func(context.Context) error { return nil }) }); err != nil {
		t.Error(err)
	}
}

func priorities(t testing.TB, rt *gv.Runtime) {
	var order []gv.Priority
	var wg gv.WaitGroup
	for _, p := range []gv.Priority{gv.Low, gv.Critical, gv.Normal, gv.High} {
		wg.Go(func(context.Context) error {
			order = append(order, p)
			return nil
		}, gv.WithPriority(p))
	}
	wg.Wait()
	if len(order) != 4 || order[len(order)-1] != gv.Low {
		t.Errorf("run in the order %v", order)
	}
}
