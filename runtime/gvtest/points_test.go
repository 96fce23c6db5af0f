package gvtest_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// Each call of package gv that others may see the effect of, or that sees theirs, is a point,
// also where it need not wait.
func TestEveryCallIsAPoint(t *testing.T) {
	nothing := func(context.Context) error { return nil }
	background := context.Background()
	ended := func(rt *gv.Runtime) *gv.Thread {
		th := rt.Go(nothing)
		th.Wait()
		return th
	}
	calls := map[string]func(rt *gv.Runtime){
		"Safepoint": func(*gv.Runtime) { gv.Safepoint() },
		"Yield":     func(*gv.Runtime) { gv.Yield() },
		"Sleep":     func(*gv.Runtime) { gv.Sleep(1) },
		"Block":     func(*gv.Runtime) { gv.Block(func() {}) },
		"Go":        func(*gv.Runtime) { gv.Go(nothing) },
		"Do":        func(*gv.Runtime) { gv.Do(nothing) },
		"Run":       func(*gv.Runtime) { gv.Run(nothing) },

		"Runtime.Go":  func(rt *gv.Runtime) { rt.Go(nothing) },
		"Runtime.Do":  func(rt *gv.Runtime) { rt.Do(nothing) },
		"Runtime.Run": func(rt *gv.Runtime) { rt.Run(nothing) },

		"Thread.Wait":        func(rt *gv.Runtime) { ended(rt).Wait() },
		"Thread.Err":         func(rt *gv.Runtime) { ended(rt).Err() },
		"Thread.State":       func(rt *gv.Runtime) { ended(rt).State() },
		"Thread.Cancel":      func(rt *gv.Runtime) { ended(rt).Cancel(nil) },
		"Thread.SetPriority": func(*gv.Runtime) { gv.Current().SetPriority(gv.High) },
		"threadContext.Err":  func(rt *gv.Runtime) { rt.Do(func(ctx context.Context) error { return ctx.Err() }) },

		"Chan.Send":     func(*gv.Runtime) { gv.NewChan[int](1).Send(1) },
		"Chan.TrySend":  func(*gv.Runtime) { gv.NewChan[int](0).TrySend(1) },
		"Chan.TryRecv":  func(*gv.Runtime) { gv.NewChan[int](0).TryRecv() },
		"Chan.Len":      func(*gv.Runtime) { gv.NewChan[int](0).Len() },
		"Chan.Recv":     func(*gv.Runtime) { c := gv.NewChan[int](0); c.Close(); c.Recv() },
		"Chan.Close":    func(*gv.Runtime) { gv.NewChan[int](0).Close() },
		"Select":        func(*gv.Runtime) { gv.Select(gv.Default()) },
		"SelectInOrder": func(*gv.Runtime) { gv.SelectInOrder(gv.Default()) },

		"Mutex.Lock":        func(*gv.Runtime) { new(gv.Mutex).Lock() },
		"Mutex.LockContext": func(*gv.Runtime) { new(gv.Mutex).LockContext(background) },
		"Mutex.TryLock":     func(*gv.Runtime) { new(gv.Mutex).TryLock() },
		"Mutex.Unlock":      func(*gv.Runtime) { var mu gv.Mutex; mu.Lock(); mu.Unlock() },

		"RWMutex.Lock":         func(*gv.Runtime) { new(gv.RWMutex).Lock() },
		"RWMutex.LockContext":  func(*gv.Runtime) { new(gv.RWMutex).LockContext(background) },
		"RWMutex.TryLock":      func(*gv.Runtime) { new(gv.RWMutex).TryLock() },
		"RWMutex.Unlock":       func(*gv.Runtime) { var rw gv.RWMutex; rw.Lock(); rw.Unlock() },
		"RWMutex.RLock":        func(*gv.Runtime) { new(gv.RWMutex).RLock() },
		"RWMutex.RLockContext": func(*gv.Runtime) { new(gv.RWMutex).RLockContext(background) },
		"RWMutex.TryRLock":     func(*gv.Runtime) { new(gv.RWMutex).TryRLock() },
		"RWMutex.RUnlock":      func(*gv.Runtime) { var rw gv.RWMutex; rw.RLock(); rw.RUnlock() },

		"Semaphore.Acquire":    func(*gv.Runtime) { gv.NewSemaphore(1).Acquire(background, 1) },
		"Semaphore.TryAcquire": func(*gv.Runtime) { gv.NewSemaphore(1).TryAcquire(1) },
		"Semaphore.Release":    func(*gv.Runtime) { gv.NewSemaphore(1).Release(0) },
		"Semaphore.Resize":     func(*gv.Runtime) { gv.NewSemaphore(1).Resize(2) },

		"Cond.Signal":    func(*gv.Runtime) { gv.NewCond(new(gv.Mutex)).Signal() },
		"Cond.Broadcast": func(*gv.Runtime) { gv.NewCond(new(gv.Mutex)).Broadcast() },

		"WaitGroup.Add":         func(*gv.Runtime) { new(gv.WaitGroup).Add(1) },
		"WaitGroup.Done":        func(*gv.Runtime) { var wg gv.WaitGroup; wg.Add(1); wg.Done() },
		"WaitGroup.Go":          func(*gv.Runtime) { new(gv.WaitGroup).Go(nothing) },
		"WaitGroup.Wait":        func(*gv.Runtime) { new(gv.WaitGroup).Wait() },
		"WaitGroup.WaitContext": func(*gv.Runtime) { new(gv.WaitGroup).WaitContext(background) },

		"Group.Go":          func(*gv.Runtime) { new(gv.Group).Go(nothing) },
		"Group.TryGo":       func(*gv.Runtime) { new(gv.Group).TryGo(nothing) },
		"Group.Cancel":      func(*gv.Runtime) { new(gv.Group).Cancel(nil) },
		"Group.Wait":        func(*gv.Runtime) { new(gv.Group).Wait() },
		"Group.WaitContext": func(*gv.Runtime) { new(gv.Group).WaitContext(background) },
		"ForEach": func(*gv.Runtime) {
			gv.ForEach(background, slices.Values([]int{1}), 1, func(context.Context, int) error { return nil })
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			f := once(t, func(t testing.TB, rt *gv.Runtime) {
				call(rt)
				t.Error("done")
			})
			if _, schedule := f.failure(t); !strings.Contains(schedule, " "+name+" ") {
				t.Errorf("no point at %s in:\n%s", name, f.said())
			}
		})
	}
}
