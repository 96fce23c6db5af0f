package main

import (
	"context"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// The actions here are calls of the scheduler.

// yield gives the worker away a few times, and measures how long it is gone.
func yield(a *actor) error {
	for range 1 + a.r.IntN(20) {
		from := time.Now()
		gv.Yield()
		a.w.waited(time.Since(from))
	}
	return nil
}

// storm switches as fast as it goes.
func storm(a *actor) error {
	for range a.r.IntN(5000) {
		gv.Yield()
	}
	return nil
}

// waitMargin is what may come on top of Config.MaxWait on a machine that does
// other things too.
const waitMargin = 10 * time.Second

// waited notes how long a thread was ready. Those before it in the line of its
// own priority may take a slice each.
func (w *world) waited(d time.Duration) {
	longest(&w.r.waited, d)
	line := time.Duration(w.members.count()) * max(w.config.TimeSlice, w.config.Slices[gv.Low])
	missed := time.Duration(w.r.heart.missed.Load())
	if limit := w.config.MaxWait + line + waitMargin + missed; d > limit {
		w.r.violation("a thread was ready for %v; the limit is %v", d, limit)
	}
}

// sleep sleeps.
func sleep(a *actor) error {
	d := time.Duration(a.r.IntN(int(choose(a.r, time.Microsecond, 100*time.Microsecond, 2*time.Millisecond))))
	from := time.Now()
	err := gv.Sleep(d)
	if slept := time.Since(from); err == nil && slept < d {
		a.w.r.violation("Sleep(%v) took %v", d, slept)
	}
	return err
}

// safepoints works in a loop that has been instrumented.
func safepoints(a *actor) error {
	n := 1000 + a.r.IntN(20000)
	x := uint64(1)
	for range n {
		gv.Safepoint()
		x = step(x)
	}
	if want := steps(1, n); x != want {
		a.w.r.violation("a loop with safepoints gave %#x, not %#x", x, want)
	}
	return nil
}

// maxDepth is how deep the tree of threads is, and maxMembers how many threads
// a round starts.
const (
	maxDepth   = 4
	maxMembers = 2000
)

// child starts a thread and waits for it.
func child(a *actor) error {
	if a.depth >= maxDepth || a.w.members.count() >= maxMembers {
		return nil
	}
	c := a.w.start(a.r, a)
	switch a.r.IntN(3) {
	case 0:
		c.cancel()
	case 1:
		gv.Yield()
	}
	err := c.thread.Wait()
	if c.thread.State() != gv.StateDone {
		return err // cancelled while it waited
	}
	return nil // settle judges the result
}

// orphan starts a thread and does not wait for it.
func orphan(a *actor) error {
	if a.depth < maxDepth && a.w.members.count() < maxMembers {
		a.w.start(a.r, a)
	}
	return nil
}

// cancelSome cancels some thread, perhaps its own.
func cancelSome(a *actor) error {
	if a.r.IntN(4) != 0 {
		return nil // or nobody would get old
	}
	if m := a.w.members.pick(a.r.Uint64()); m != nil {
		m.cancel()
	}
	return nil
}

// priority changes some thread's priority, perhaps its own.
func priority(a *actor) error {
	m := a.w.members.pick(a.r.Uint64())
	if m == nil || a.r.IntN(2) == 0 {
		m = a
	}
	m.thread.SetPriority(gv.Priority(a.r.IntN(4)))
	return nil
}

// look asks for all that can be asked.
func look(a *actor) error {
	s := a.w.rt.Stats()
	if s.Workers != a.w.config.Workers || s.Idle < 0 || s.Idle > s.Workers || s.Threads < 1 {
		a.w.r.violation("stats: %+v", s)
	}
	if m := a.w.members.pick(a.r.Uint64()); m != nil {
		t := m.thread
		_, _, _, _ = t.Name(), t.Priority(), t.State().String(), t.ID()
		lookAtTime(a.w, t)
		select {
		case <-t.Done():
			if t.State() != gv.StateDone {
				a.w.r.violation("thread %v is done, and its state is %v", t, t.State())
			}
		default:
		}
	}
	lookAtTime(a.w, a.thread)
	// Preempted: its worker is gone, and the signal to stop is on its way.
	if s := a.thread.State(); s != gv.StateRunning && s != gv.StatePreempted {
		a.w.r.violation("a thread looks at itself, and its state is %v", s)
	}
	return nil
}

// waitGroup waits for some threads together.
func waitGroup(a *actor) error {
	if a.depth >= maxDepth {
		return nil
	}
	var wg gv.WaitGroup
	var ran atomic.Int32
	threads := make([]*gv.Thread, 1+a.r.IntN(4))
	for i := range threads {
		threads[i] = wg.Go(func(context.Context) error {
			ran.Add(1)
			gv.Yield()
			return nil
		})
	}
	if err := wg.WaitContext(a.ctx); err != nil {
		return err
	}
	well := int32(0)
	for _, t := range threads {
		if t.State() != gv.StateDone {
			a.w.r.violation("a WaitGroup ended before thread %v", t)
		}
		if t.Err() == nil {
			well++
		}
	}
	if ran.Load() != well {
		a.w.r.violation("%d threads ran, and %d of %d ended well", ran.Load(), well, len(threads))
	}
	return nil
}
