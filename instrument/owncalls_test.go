package instrument

import (
	"context"
	"maps"
	goruntime "runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// ownCalls are the calls in yielding, and rounds over what those in pacing return, in all
// ways in which they could return at once. Those in blocking do if the caller is cancelled,
// and else never. over is a runtime that is closed.
func ownCalls(rt, over *gv.Runtime) (calls, blocking map[string][]func()) {
	nothing := func(context.Context) error { return nil }
	empty, full, closed, unclosed := gv.NewChan[int](1), gv.NewChan[int](1), gv.NewChan[int](1), gv.NewChan[int](0)
	full.Send(1)
	closed.Close()
	var none *gv.Chan[int]
	ended := over.Go(nothing)
	held := gv.NewSemaphore(1)
	held.TryAcquire(1)
	var wg, one gv.WaitGroup
	one.Add(1)
	cond := gv.NewCond(new(sync.Mutex))
	group, stopped, ofEnded := new(gv.Group), new(gv.Group), over.NewGroup(context.Background())
	stopped.Cancel(nil)
	calls = map[string][]func(){
		"Safepoint":          {func() { gv.Safepoint() }},
		"Yield":              {func() { gv.Yield() }},
		"Block":              {func() { gv.Block(func() {}) }},
		"Sleep":              {func() { gv.Sleep(-1) }, func() { gv.Sleep(0) }, func() { gv.Sleep(time.Microsecond) }},
		"Go":                 {func() { gv.Go(nothing) }},
		"Runtime.Go":         {func() { rt.Go(nothing) }, func() { over.Go(nothing) }},
		"Do":                 {func() { gv.Do(nothing) }},
		"Runtime.Do":         {func() { rt.Do(nothing) }, func() { over.Do(nothing) }},
		"Run":                {func() { gv.Run(nothing) }},
		"Runtime.Run":        {func() { rt.Run(nothing) }, func() { over.Run(nothing) }},
		"Thread.Cancel":      {func() { ended.Cancel(nil) }, func() { gv.Current().Cancel(nil) }},
		"Thread.SetPriority": {func() { ended.SetPriority(gv.Low) }, func() { gv.Current().SetPriority(gv.Normal) }},
		"Chan.Send":          {func() { empty.Send(1) }, func() { closed.Send(1) }},
		"Chan.Recv":          {func() { full.Recv() }, func() { closed.Recv() }},
		"Chan.TrySend":       {func() { empty.TrySend(1) }, func() { full.TrySend(1) }, func() { closed.TrySend(1) }, func() { none.TrySend(1) }},
		"Chan.TryRecv":       {func() { empty.TryRecv() }, func() { full.TryRecv() }, func() { closed.TryRecv() }, func() { none.TryRecv() }},
		"Chan.Close":         {func() { unclosed.Close() }},
		"Chan.All": {
			func() {
				for range closed.All() {
				}
			},
			func() {
				for range full.All() {
					break
				}
			},
		},
		"Select": {
			func() { gv.Select(gv.Default()) },
			func() { gv.Select(gv.RecvCase(empty, nil), gv.Default()) },
			func() { gv.Select(gv.RecvCase(full, nil)) },
			func() { gv.Select(gv.SendCase(empty, 1), gv.Default()) },
			func() { gv.Select(gv.SendCase(closed, 1)) },
		},
		"SelectInOrder": {
			func() { gv.SelectInOrder(gv.Default()) },
			func() { gv.SelectInOrder(gv.RecvCase(empty, nil), gv.Default()) },
			func() { gv.SelectInOrder(gv.RecvCase(full, nil)) },
			func() { gv.SelectInOrder(gv.SendCase(closed, 1)) },
		},
		"Group.Go":          {func() { group.Go(nothing) }, func() { ofEnded.Go(nothing) }, func() { stopped.Go(nothing) }},
		"Group.TryGo":       {func() { group.TryGo(nothing) }, func() { ofEnded.TryGo(nothing) }, func() { stopped.TryGo(nothing) }},
		"Group.Cancel":      {func() { group.Cancel(nil) }, func() { stopped.Cancel(nil) }},
		"Cond.Signal":       {func() { cond.Signal() }},
		"Cond.Broadcast":    {func() { cond.Broadcast() }},
		"Semaphore.Release": {func() { held.Release(0) }, func() { held.Release(1) }},
		"Semaphore.Resize":  {func() { held.Resize(1) }, func() { held.Resize(0) }, func() { held.Resize(2) }},
		"WaitGroup.Add":     {func() { wg.Add(0) }, func() { wg.Add(1) }},
		"WaitGroup.Done":    {func() { one.Done() }},
		"WaitGroup.Go":      {func() { wg.Go(nothing) }},
	}
	blocking = map[string][]func(){
		"Sleep":     {func() { gv.Sleep(time.Hour) }},
		"Chan.Send": {func() { full.Send(1) }, func() { none.Send(1) }},
		"Chan.Recv": {func() { empty.Recv() }, func() { none.Recv() }},
		"Chan.All": {func() {
			for range empty.All() {
			}
		}},
		"Select":        {func() { gv.Select() }, func() { gv.Select(gv.RecvCase(empty, nil)) }},
		"SelectInOrder": {func() { gv.SelectInOrder() }, func() { gv.SelectInOrder(gv.RecvCase(empty, nil)) }},
	}
	return calls, blocking
}

// What the policy says of gv's own calls is what they do: with one worker that is taken
// from nobody, a more important thread that is ready gets its turn before they return.
func TestOwnCalls(t *testing.T) {
	calls, blocking := ownCalls(nil, closedRuntime(t))
	lists := maps.Clone(yielding)
	maps.Copy(lists, pacing)
	if got, want := slices.Sorted(maps.Keys(calls)), slices.Sorted(maps.Keys(lists)); !slices.Equal(got, want) {
		t.Fatalf("this test runs\n%v\nand the lists have\n%v", got, want)
	}
	for _, engine := range []gv.Engine{gv.Native, gv.Portable} {
		t.Run(engine.String(), func(t *testing.T) {
			for name := range calls {
				for i := range calls[name] {
					giveTurn(t, engine, name, i, false)
				}
				for i := range len(calls[name]) + len(blocking[name]) {
					giveTurn(t, engine, name, i, true)
				}
			}
		})
	}
}

// giveTurn runs the i'th of the ways of an own call in a thread, which is cancelled before
// or not, and for whose worker another one waits. It tries until the thread has its worker
// at the call: one that does not run for a while, because the machine is busy, may lose it.
func giveTurn(t *testing.T, engine gv.Engine, name string, i int, cancelled bool) {
	t.Helper()
	over := closedRuntime(t)
	for {
		rt, err := gv.New(gv.Config{Engine: engine, Workers: 1, NoForced: true})
		if err != nil {
			t.Skip(err)
		}
		calls, blocking := ownCalls(rt, over)
		before, after := tryTurn(rt, slices.Concat(calls[name], blocking[name])[i], cancelled)
		if err := rt.Close(); err != nil {
			t.Fatal(err)
		}
		if before || rt.Stats().Handoffs > 0 {
			continue
		}
		if !after {
			t.Errorf("%s, the way with number %d, passes no safepoint (cancelled: %v)", name, i, cancelled)
		}
		return
	}
}

// tryTurn makes a thread of higher priority ready while one is about to make a call, and
// reports whether it got its turn before that, and before the call returned.
func tryTurn(rt *gv.Runtime, call func(), cancelled bool) (before, after bool) {
	var running, asked, turn atomic.Bool
	caller := rt.Go(func(context.Context) error {
		running.Store(true)
		for !asked.Load() {
			goruntime.Gosched()
		}
		before = turn.Load()
		call()
		after = turn.Load()
		return nil
	})
	for !running.Load() {
		goruntime.Gosched()
	}
	if cancelled {
		caller.Cancel(nil)
	}
	urgent := rt.Go(func(context.Context) error {
		turn.Store(true)
		return nil
	}, gv.WithPriority(gv.Critical))
	asked.Store(true)
	<-caller.Done()
	<-urgent.Done()
	return before, after
}

// closedRuntime returns a runtime that starts no threads.
func closedRuntime(t *testing.T) *gv.Runtime {
	t.Helper()
	rt, err := gv.New(gv.Config{Engine: gv.Portable, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := rt.Close(); err != nil {
		t.Fatal(err)
	}
	return rt
}
