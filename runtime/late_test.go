package gv_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// lateAfter is short, and longer than what the Monitor's looks are apart.
const lateAfter = 5 * time.Millisecond

// late is a Config with one worker that passes on who is late.
func late(engine gv.Engine, told chan gv.Late) gv.Config {
	return gv.Config{
		Workers: 1, Engine: engine, MaxWait: long, LateAfter: lateAfter,
		OnLate: func(l gv.Late) {
			if gv.Current() != nil {
				panic("called in a thread")
			}
			told <- l
		},
	}
}

// hear waits for the next who is late, and says what is wrong if that is not th. It gives up
// where the gate may have lost the worker.
func hear(rt *gv.Runtime, told chan gv.Late, th *gv.Thread) error {
	until(func() bool { return len(told) > 0 || rt.Stats().Handoffs > 0 })
	if len(told) == 0 {
		return errors.New("the gate has lost the worker")
	}
	if l := <-told; l.Thread != th || l.Waited <= lateAfter {
		return fmt.Errorf("thread %d has been late since %v, want thread %d", l.Thread.ID(), l.Waited, th.ID())
	}
	return nil
}

// Who waits for a worker for too long is told once, and once more when it does so again.
func TestOnLate(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			told := make(chan gv.Late, 1000)
			undisturbed(t, late(engine, told), func(rt *gv.Runtime) error {
				drain(told)
				numbers := gv.NewChan[int](1)
				g := closeGate(rt)
				defer func() { g.open() }()
				first := rt.Go(func(context.Context) error { _, err := numbers.Recv(); return err }, gv.WithPriority(gv.Low))
				if err := hear(rt, told, first); err != nil {
					return err
				}
				second := rt.Go(func(context.Context) error { return nil })
				if err := hear(rt, told, second); err != nil {
					return err
				}
				g.open()
				until(func() bool { return first.State() == gv.StateBlocked })
				g = closeGate(rt)
				if err := numbers.TrySend(1); err != nil {
					return err
				}
				if err := hear(rt, told, first); err != nil {
					return err
				}
				g.open()
				if err := first.Wait(); err != nil {
					return err
				}
				if n := len(told); n > 0 {
					return fmt.Errorf("%d more were told", n)
				}
				return nil
			})
		})
	}
}

// While OnLate runs, nobody else is told; who waits still when it returns is.
func TestOnLateIsOneAtATime(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			var hold atomic.Bool
			told := make(chan gv.Late, 1000)
			c := late(engine, nil)
			c.OnLate = func(l gv.Late) {
				told <- l
				until(func() bool { return !hold.Load() })
			}
			undisturbed(t, c, func(rt *gv.Runtime) error {
				drain(told)
				hold.Store(true)
				defer hold.Store(false)
				g := closeGate(rt)
				defer g.open()
				idle := func(context.Context) error { return nil }
				if err := hear(rt, told, rt.Go(idle)); err != nil {
					return err
				}
				second := rt.Go(idle)
				until(func() bool { return readyFor(rt, second) > 2*lateAfter || rt.Stats().Handoffs > 0 })
				if n := len(told); n > 0 {
					return fmt.Errorf("%d more were told, and OnLate has not returned", n)
				}
				hold.Store(false)
				return hear(rt, told, second)
			})
		})
	}
}

// readyFor returns for how long a thread has been ready.
func readyFor(rt *gv.Runtime, th *gv.Thread) time.Duration {
	for i := range rt.Threads() {
		if i.ID == th.ID() {
			return i.ReadyFor
		}
	}
	return 0
}

// drain empties what an attempt before has left.
func drain(told chan gv.Late) {
	for len(told) > 0 {
		<-told
	}
}

// A panic in OnLate ends the process, and says where it was.
func TestOnLatePanics(t *testing.T) {
	if inChild() {
		rt := open(t, gv.Config{Workers: 1, LateAfter: 1, OnLate: func(gv.Late) { panic("too late") }})
		g := closeGate(rt)
		defer g.open()
		rt.Go(func(context.Context) error { return nil })
		select {}
	}
	out, err := child(t)
	if err == nil || !strings.Contains(out, "panic: too late") || !strings.Contains(out, "TestOnLatePanics") {
		t.Errorf("the process ended with %v:\n%s", err, out)
	}
}

// runtime.Goexit in OnLate ends that call, and no other.
func TestOnLateExits(t *testing.T) {
	told := make(chan gv.Late, 10)
	c := late(gv.Auto, nil)
	c.OnLate = func(l gv.Late) {
		told <- l
		goruntime.Goexit()
	}
	undisturbed(t, c, func(rt *gv.Runtime) error {
		drain(told)
		g := closeGate(rt)
		defer g.open()
		for range 3 {
			if err := hear(rt, told, rt.Go(func(context.Context) error { return nil })); err != nil {
				return err
			}
		}
		return nil
	})
}
