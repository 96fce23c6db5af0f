package gv_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	goruntime "runtime"
	"slices"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

func TestCurrent(t *testing.T) {
	if th := gv.Current(); th != nil {
		t.Errorf("a goroutine is thread %d", th.ID())
	}
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		var ts []*gv.Thread
		for range 20 {
			seen := make(chan *gv.Thread, 1)
			th := rt.Go(func(context.Context) error {
				me := gv.Current()
				seen <- me
				for range 10 {
					gv.Yield()
					if gv.Current() != me {
						return errors.New("is another thread after Yield")
					}
				}
				inGoroutine := make(chan *gv.Thread)
				go func() { inGoroutine <- gv.Current() }()
				if got := <-inGoroutine; got != nil {
					return errors.New("a goroutine that it started is a thread")
				}
				return nil
			})
			if got := <-seen; got != th {
				t.Errorf("Current is %p in %p", got, th)
			}
			ts = append(ts, th)
		}
		if err := waitAll(ts); err != nil {
			t.Error(err)
		}
	})
}

func TestIdentity(t *testing.T) {
	rt := open(t, gv.Config{})
	nothing := func(context.Context) error { return nil }
	a, b := rt.Go(nothing, gv.WithName("a")), rt.Go(nothing)
	if a.ID() == b.ID() || a.ID() == 0 || b.ID() == 0 {
		t.Errorf("IDs %d and %d", a.ID(), b.ID())
	}
	if a.Name() != "a" || b.Name() != "" {
		t.Errorf("names %q and %q", a.Name(), b.Name())
	}
	if a.Priority() != gv.Normal {
		t.Errorf("priority %v", a.Priority())
	}
	if err := waitAll([]*gv.Thread{a, b}); err != nil {
		t.Error(err)
	}
}

// A thread goes through the states that are documented, as others see it.
func TestStates(t *testing.T) {
	forEachStrict(t, 1, func(rt *gv.Runtime) error {
		g := closeGate(rt)
		c := gv.NewChan[int](0)
		var inside gv.State
		th := rt.Go(func(context.Context) error {
			inside = gv.Current().State()
			_, err := c.Recv()
			return err
		})
		if s := th.State(); s != gv.StateNew {
			return fmt.Errorf("started, without a worker: %v", s)
		}
		g.open()
		if err := g.thread.Wait(); err != nil {
			return err
		}
		until(func() bool { return th.State() == gv.StateBlocked })
		g = closeGate(rt)
		if err := c.Send(1); err != nil {
			return err
		}
		if s := th.State(); s != gv.StateReady {
			return fmt.Errorf("woken, without a worker: %v", s)
		}
		if err := th.Err(); err != nil {
			return fmt.Errorf("Err before the end: %w", err)
		}
		g.open()
		if err := th.Wait(); err != nil {
			return err
		}
		if s := th.State(); s != gv.StateDone {
			return fmt.Errorf("ended: %v", s)
		}
		if inside != gv.StateRunning {
			return fmt.Errorf("running: %v", inside)
		}
		return nil
	})
}

func TestStateBlockedInBlock(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		release := make(chan struct{})
		th := rt.Go(func(context.Context) error {
			gv.Block(func() { <-release })
			if s := gv.Current().State(); s != gv.StateRunning {
				return fmt.Errorf("%v after Block", s)
			}
			return nil
		})
		until(func() bool { return th.State() == gv.StateBlocked })
		close(release)
		if err := th.Wait(); err != nil {
			t.Error(err)
		}
	})
}

func TestStatePreempted(t *testing.T) {
	rt := openForced(t, gv.Config{Workers: 1})
	low := startSpinner(rt, gv.Low, false)
	var state gv.State
	high := rt.Go(func(context.Context) error {
		state = low.thread.State()
		return nil
	}, gv.WithPriority(gv.High))
	if err := high.Wait(); err != nil {
		t.Error(err)
	}
	if state != gv.StatePreempted {
		t.Errorf("%v while another had its worker", state)
	}
	if err := low.end(); err != nil {
		t.Error(err)
	}
}

func TestStateNames(t *testing.T) {
	var names []string
	for s := gv.StateNew; s <= gv.StateDone; s++ {
		names = append(names, s.String())
	}
	if want := []string{"New", "Ready", "Running", "Blocked", "Preempted", "Done"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
}

func TestResults(t *testing.T) {
	wrong := errors.New("wrong")
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		for _, want := range []error{nil, wrong, context.Canceled} {
			th := rt.Go(func(context.Context) error { return want })
			if err := th.Wait(); err != want {
				t.Errorf("Wait: %v, want %v", err, want)
			}
			if err := th.Wait(); err != want {
				t.Errorf("Wait once more: %v, want %v", err, want)
			}
			if err := th.Err(); err != want {
				t.Errorf("Err: %v, want %v", err, want)
			}
			select {
			case <-th.Done():
			default:
				t.Error("Done is open after the end")
			}
		}
	})
}

// Any number of threads and goroutines may wait for a thread, before its end and
// after.
func TestManyWait(t *testing.T) {
	wrong := errors.New("wrong")
	forEachCrew(t, func(t *testing.T, c *crew) {
		release := gv.NewChan[int](0)
		th := c.rt.Go(func(context.Context) error {
			release.Recv()
			return wrong
		})
		var told, done atomic.Int32
		for i := range 20 {
			c.start(func() {
				if i%2 == 0 {
					<-th.Done()
					done.Add(1)
				}
				if err := th.Wait(); err == wrong {
					told.Add(1)
				}
			})
		}
		release.Send(1)
		c.wait()
		if told.Load() != 20 || done.Load() != 10 {
			t.Errorf("%d were told the result, and %d the end", told.Load(), done.Load())
		}
	})
}

// Wait in a thread parks it: with one worker, the thread that it waits for could
// not run otherwise.
func TestWaitParks(t *testing.T) {
	onEachEngine(t, strict(gv.Auto, 1), func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(context.Context) error {
			parent := gv.Current()
			var state gv.State
			child := rt.Go(func(context.Context) error {
				state = parent.State()
				return nil
			})
			if err := child.Wait(); err != nil {
				return err
			}
			if state != gv.StateBlocked {
				return fmt.Errorf("is %v while it waits", state)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// runtime.LockOSThread in a thread: it stays on its OS thread over all that makes
// it change workers, and others run meanwhile.
func TestLockOSThread(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		var ts []*gv.Thread
		for i := range 6 {
			ts = append(ts, rt.Go(func(context.Context) error {
				if i%2 == 0 {
					goruntime.LockOSThread()
					defer goruntime.UnlockOSThread()
				}
				if lockedToThread() != (i%2 == 0) {
					return errors.New("the test doesn't see who is locked")
				}
				tid := osThread()
				c := gv.NewChan[int](1)
				for range 50 {
					gv.Yield()
					gv.Block(goruntime.Gosched)
					if err := gv.Sleep(1); err != nil {
						return err
					}
					c.Send(1)
					c.Recv()
					enginetest.Spin(1000)
					if i%2 == 0 && osThread() != tid {
						return fmt.Errorf("was on OS thread %d, and is on %d", tid, osThread())
					}
				}
				return nil
			}))
		}
		if err := waitAll(ts); err != nil {
			t.Error(err)
		}
	})
}

// lockedToThread reports whether the calling goroutine is locked to its OS
// thread, which the header of a stack trace says.
func lockedToThread() bool {
	stack := make([]byte, 1<<10)
	header, _, _ := bytes.Cut(stack[:goruntime.Stack(stack, false)], []byte("\n"))
	return bytes.Contains(header, []byte("locked to thread"))
}

// A thread that ends locked to its OS thread doesn't leave that to the threads
// after it.
func TestLockOSThreadEndsWithTheThread(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		for range 10 {
			if err := rt.Go(func(context.Context) error {
				goruntime.LockOSThread()
				return nil
			}).Wait(); err != nil {
				t.Error(err)
			}
			if err := rt.Go(func(context.Context) error {
				if lockedToThread() {
					return errors.New("is locked by a thread that has ended")
				}
				return nil
			}).Wait(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A pulled iterator is a coroutine of Go's own: it is switched to and from
// without the scheduler knowing.
func TestIterPull(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		var ts []*gv.Thread
		for range 4 {
			ts = append(ts, rt.Go(func(context.Context) error {
				next, stop := iter.Pull(func(yield func(int) bool) {
					for i := 0; yield(i); i++ {
						enginetest.Spin(100)
					}
				})
				defer stop()
				for want := range 500 {
					got, ok := next()
					if !ok || got != want {
						return fmt.Errorf("pulled %d, %v, want %d", got, ok, want)
					}
					gv.Yield()
				}
				return nil
			}))
		}
		if err := waitAll(ts); err != nil {
			t.Error(err)
		}
	})
}

func TestThreadFromThread(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		var sum func(depth int) (int, error)
		sum = func(depth int) (int, error) {
			if depth == 0 {
				return 1, nil
			}
			var parts [3]int
			var ts []*gv.Thread
			for i := range parts {
				ts = append(ts, gv.Go(func(context.Context) (err error) {
					parts[i], err = sum(depth - 1)
					return err
				}))
			}
			err := waitAll(ts)
			return parts[0] + parts[1] + parts[2], err
		}
		err := rt.Run(func(context.Context) error {
			n, err := sum(6)
			if n != 729 {
				return fmt.Errorf("%d leaves, want 729: %w", n, err)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		if s := rt.Stats(); s.Started != 1093 {
			t.Errorf("%d threads were started on this runtime", s.Started)
		}
	})
}

// A thread goes on when the one that started it has ended.
func TestThreadOutlivesStarter(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		started := make(chan *gv.Thread, 1)
		release := gv.NewChan[string](0)
		var got string
		starter := rt.Go(func(context.Context) error {
			started <- rt.Go(func(context.Context) (err error) {
				got, err = release.Recv()
				return err
			})
			return nil
		})
		if err := starter.Wait(); err != nil {
			t.Error(err)
		}
		child := <-started
		if err := release.Send("late"); err != nil {
			t.Error(err)
		}
		if err := child.Wait(); err != nil || got != "late" {
			t.Errorf("received %q, %v", got, err)
		}
	})
}

// Stacks grow to what a thread needs, shrink, and grow again, across switches.
func TestDeepStacks(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		var ts []*gv.Thread
		for i := range 8 {
			ts = append(ts, rt.Go(func(context.Context) error {
				for round := range 10 {
					depth := 10 + (i+round)%4*1000
					want := 1 + depth*(depth+1)/2
					if got := descend(depth, gv.Yield); got != want {
						return fmt.Errorf("depth %d: sum %d, want %d", depth, got, want)
					}
					gv.Yield()
				}
				return nil
			}))
		}
		beside(func() {
			if err := waitAll(ts); err != nil {
				t.Error(err)
			}
		}, collectGarbage)
	})
}

// Ten thousand threads are parked at once, woken, and end.
func TestTenThousandThreads(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		const n = 10_000
		var wg gv.WaitGroup
		wg.Add(n)
		gateway := gv.NewChan[int](0)
		var sum atomic.Int64
		ts := make([]*gv.Thread, n)
		for i := range ts {
			ts[i] = rt.Go(func(context.Context) error {
				wg.Done()
				v, err := gateway.Recv()
				sum.Add(int64(v))
				return err
			})
		}
		wg.Wait()
		if s := rt.Stats(); s.Threads != n {
			t.Errorf("%d threads are alive, want %d", s.Threads, n)
		}
		goruntime.GC()
		for i := range n {
			if err := gateway.Send(i); err != nil {
				t.Fatal(err)
			}
		}
		if err := waitAll(ts); err != nil {
			t.Error(err)
		}
		if want := int64(n * (n - 1) / 2); sum.Load() != want {
			t.Errorf("received %d in sum, want %d", sum.Load(), want)
		}
	})
}
