package gv_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// maxStack is the limit in these tests. It is no power of 2, so a stack that is too
// large may hold less than it.
const maxStack = 3 << 18

// onLimitedStacks is onEachEngine with Config.MaxStack.
func onLimitedStacks(t *testing.T, c gv.Config, test func(t *testing.T, rt *gv.Runtime)) {
	c.MaxStack = maxStack
	onEachEngine(t, c, func(t *testing.T, rt *gv.Runtime) {
		if caps := rt.Capabilities(); !caps.MaxStack {
			t.Skip(caps.MaxStackReason)
		}
		t.Cleanup(func() {
			// Nobody is asked for long who has ended.
			until(func() bool { return gv.PreemptPending() == 0 })
		})
		test(t, rt)
	})
}

// endless recurses until it panics. Its frames have some size.
//
//go:noinline
func endless(n int) int {
	gv.Safepoint()
	var frame [64]byte
	frame[n&63] = byte(n)
	//lint:ignore SA5007 that is what it is for
	return endless(n+1) + int(frame[(n+1)&63])
}

//go:noinline
func odd(n int) int { return even(n+1) + 1 }

//go:noinline
func even(n int) int {
	gv.Safepoint()
	return odd(n+1) + 1
}

// sink calls f with at least so many bytes of stack in use, and passes no
// safepoint on the way.
//
//go:noinline
func sink(bytes int, f func()) byte {
	var frame [1 << 10]byte
	if bytes < len(frame) {
		f()
		return 0
	}
	frame[bytes&1023] = sink(bytes-len(frame), f)
	return frame[(bytes+1)&1023]
}

// overflowIn makes call, which passes a safepoint, when the calling thread is asked to
// measure its stack; many times, because the Monitor may take the request back
// before the call, as it does where the thread has no core for a while.
func overflowIn(call func()) {
	for range 20 {
		untilAsked()
		call()
	}
}

// untilAsked returns when the calling thread is asked to measure its stack.
func untilAsked() {
	for !gv.Current().StackAsked() {
		goruntime.Gosched()
	}
}

// overflow returns the StackOverflowError in err, and reports an error if there
// is none.
func overflow(t *testing.T, err error) {
	t.Helper()
	var panicked *gv.PanicError
	var so *gv.StackOverflowError
	switch {
	case !errors.As(err, &panicked) || !errors.As(err, &so):
		t.Errorf("error %v, want a PanicError with a StackOverflowError", err)
	case panicked.Value != error(so) || so.Max != maxStack || so.Depth <= so.Max || len(panicked.Stack) == 0:
		t.Errorf("error %+v in %v", so, err)
	}
}

// catch calls f and returns the StackOverflowError that it panics with, nil if it
// returns.
func catch(f func()) (so *gv.StackOverflowError) {
	defer func() {
		if v := recover(); v != nil {
			so = v.(*gv.StackOverflowError)
		}
	}()
	f()
	return nil
}

func TestStackOverflowEndsItsThreadAlone(t *testing.T) {
	for name, recurse := range map[string]func(int) int{"one function": endless, "two functions": even} {
		t.Run(name, func(t *testing.T) {
			for _, workers := range []int{1, 2} {
				t.Run(fmt.Sprint(workers), func(t *testing.T) {
					onLimitedStacks(t, gv.Config{Workers: workers}, func(t *testing.T, rt *gv.Runtime) {
						var stop atomic.Bool
						var others []*gv.Thread
						for range 4 {
							others = append(others, rt.Go(func(context.Context) error {
								for !stop.Load() {
									gv.Safepoint()
									if enginetest.Spin(1000) == 0 {
										return errors.New("zero")
									}
								}
								return nil
							}))
						}
						for range 3 {
							th := rt.Go(func(context.Context) error { recurse(0); return nil })
							overflow(t, th.Wait())
						}
						stop.Store(true)
						if err := waitAll(others); err != nil {
							t.Error(err)
						}
					})
				})
			}
		})
	}
}

func TestManyStacksOverflow(t *testing.T) {
	onLimitedStacks(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		var all []*gv.Thread
		for range 50 {
			all = append(all, rt.Go(func(context.Context) error { endless(0); return nil }))
		}
		for _, th := range all {
			overflow(t, th.Wait())
		}
	})
}

// A thread that measures its stack again and again, and finds less than the limit
// in a stack that is larger, runs on.
func TestDeepStackBelowLimit(t *testing.T) {
	onLimitedStacks(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(context.Context) error {
			sink(maxStack-64<<10, func() {
				for range 20 {
					untilAsked()
					gv.Safepoint()
				}
			})
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestStackOverflowsAgainAfterRecovery(t *testing.T) {
	onLimitedStacks(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(context.Context) error {
			for range 30 {
				if so := catch(func() { endless(0) }); so == nil || so.Depth <= maxStack {
					t.Errorf("overflow %+v", so)
				}
			}
			// Not only where the depth is new; but a thread that has recovered must have
			// been seen to have.
			for gv.Current().Overflowed() {
				untilAsked()
				gv.Safepoint()
			}
			for range 3 {
				if so := catch(func() { sink(2*maxStack, func() { overflowIn(gv.Safepoint) }) }); so == nil {
					t.Error("no overflow where there had been one")
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// While the panic unwinds, deferred functions have MaxStack to themselves; with
// more, they overflow as well.
func TestDeferredFunctionsAfterOverflow(t *testing.T) {
	onLimitedStacks(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(context.Context) error {
			ran := 0
			fill := func(bytes int) {
				sink(bytes, func() { overflowIn(gv.Safepoint) })
				ran++
			}
			if catch(func() {
				defer fill(maxStack / 2)
				defer fill(0)
				defer fill(maxStack / 2)
				endless(0)
			}) == nil || ran != 3 {
				t.Errorf("%d of 3 deferred functions ran", ran)
			}
			ran = 0
			so := catch(func() {
				defer fill(0)
				defer fill(2 * maxStack)
				endless(0)
			})
			if so == nil || so.Depth < 3*maxStack || ran != 1 {
				t.Errorf("overflow %+v, %d of the deferred functions returned, want 1", so, ran)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// In Block a thread has no worker; and it has none in Yield for long.
func TestStackOverflowsWithoutWorker(t *testing.T) {
	onLimitedStacks(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		for name, recurse := range map[string]func(){
			"Block":          func() { gv.Block(func() { endless(0) }) },
			"Block in Block": func() { gv.Block(func() { gv.Block(func() {}); gv.Block(func() { endless(0) }) }) },
			"into Block":     func() { sink(2*maxStack, func() { overflowIn(func() { gv.Block(func() {}) }) }) },
			"Sleep":          func() { sink(2*maxStack, func() { overflowIn(func() { gv.Sleep(1) }) }) },
			"SetPriority":    func() { sink(2*maxStack, func() { overflowIn(func() { gv.Current().SetPriority(gv.Normal) }) }) },
			"Yield":          func() { sink(2*maxStack, func() { overflowIn(gv.Yield) }) },
			"call": func() {
				c := gv.NewChan[int](8)
				sink(2*maxStack, func() { overflowIn(func() { c.Send(1) }) })
			},
		} {
			t.Run(name, func(t *testing.T) {
				overflow(t, rt.Go(func(context.Context) error { recurse(); return nil }).Wait())
			})
		}
	})
}

// A thread that is asked to measure its stack and to yield measures first: once it has
// yielded the question is taken back, and the stack goes on growing.
func TestStackIsMeasuredBeforeYielding(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			c := strict(engine, 1)
			c.NoForced, c.MaxStack = true, maxStack
			undisturbed(t, c, func(rt *gv.Runtime) error {
				if caps := rt.Capabilities(); !caps.MaxStack {
					t.Skip(caps.MaxStackReason)
				}
				var ready, ran atomic.Bool
				yielded := false
				err := rt.Go(func(context.Context) error {
					defer func() { yielded = ran.Load() }()
					sink(2*maxStack, func() {
						go func() {
							rt.Go(func(context.Context) error { ran.Store(true); return nil }, gv.WithPriority(gv.High))
							ready.Store(true)
						}()
						for !ready.Load() || !gv.Current().StackAsked() {
							goruntime.Gosched()
						}
						gv.Safepoint()
					})
					return nil
				}).Wait()
				overflow(t, err)
				if yielded {
					return errors.New("it has yielded first")
				}
				return nil
			})
		})
	}
}

// A thread whose worker was taken away while it was blocked in Go is found as
// well.
func TestStackOverflowsAfterHandoff(t *testing.T) {
	onLimitedStacks(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		blocked := make(chan bool)
		th := rt.Go(func(context.Context) error {
			<-blocked
			endless(0)
			return nil
		})
		until(func() bool { return th.State() == gv.StateRunning })
		var stop atomic.Bool
		// It has the worker only if that was taken from the first.
		other := rt.Go(func(context.Context) error {
			blocked <- true
			for !stop.Load() {
				gv.Safepoint()
			}
			return nil
		})
		overflow(t, th.Wait())
		stop.Store(true)
		if err := other.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// A yieldingLocker passes a safepoint in Unlock, as a Mutex does that others wait for.
type yieldingLocker struct{ gv.Mutex }

func (l *yieldingLocker) Unlock() {
	l.Mutex.Unlock()
	gv.Safepoint()
}

// Calls that would leave something half done don't panic in the middle.
func TestStackOverflowLeavesNothingHalfDone(t *testing.T) {
	onLimitedStacks(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		var l yieldingLocker
		cond := gv.NewCond(&l)
		waiter := rt.Go(func(context.Context) error {
			sink(2*maxStack, func() {
				untilAsked()
				l.Lock()
				cond.Wait()
				l.Mutex.Unlock()
			})
			return nil
		})
		untilWaiting(cond, 1)
		cond.Signal()
		if err := waiter.Wait(); err != nil {
			t.Errorf("after Cond.Wait: %v", err)
		}

		inner := errors.New("of the inner Run")
		err := rt.Run(func(context.Context) error {
			var err error
			sink(2*maxStack, func() {
				untilAsked()
				err = rt.Run(func(context.Context) error { return inner })
			})
			return err
		})
		if err != inner {
			t.Errorf("Run returns %v, want %v", err, inner)
		}
	})
}

// OnPanic may pass safepoints, however deep the panic was.
func TestOnPanicDeepDown(t *testing.T) {
	var heard []*gv.PanicError
	c := gv.Config{Workers: 1, OnPanic: func(e *gv.PanicError) {
		untilAsked()
		gv.Safepoint()
		heard = append(heard, e)
	}}
	onLimitedStacks(t, c, func(t *testing.T, rt *gv.Runtime) {
		for _, v := range []any{"text", errors.New("error")} {
			heard = nil
			th := rt.Go(func(context.Context) error { sink(2*maxStack, func() { panic(v) }); return nil })
			until(func() bool { return th.State() == gv.StateDone })
			if err := th.Wait(); len(heard) != 1 || err != error(heard[0]) || heard[0].Value != v {
				t.Errorf("OnPanic got %v, and Wait returns %v", heard, err)
			}
		}
	})
}

// When nothing runs, the Monitor blocks; and a request that a thread has not
// answered doesn't stay.
func TestStacksAreNotInspectedInVain(t *testing.T) {
	onLimitedStacks(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		c := gv.NewChan[int](0)
		deep := rt.Go(func(context.Context) error {
			sink(maxStack-64<<10, func() { untilAsked(); c.Recv() })
			return nil
		})
		untilReceivers(c, 1)
		until(rt.MonitorRests)
		if n := gv.PreemptPending(); n != 0 {
			t.Errorf("%d requests to yield stand while nothing runs", n)
		}
		if err := c.Send(1); err != nil {
			t.Error(err)
		}
		if err := deep.Wait(); err != nil {
			t.Error(err)
		}
		// It is there again when it is needed.
		overflow(t, rt.Go(func(context.Context) error { endless(0); return nil }).Wait())
		until(rt.MonitorRests)
	})
}

// Without MaxStack nobody is asked.
func TestUnlimitedStacks(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		if rt.Capabilities().Stacks == "slots" {
			t.Skip("a slot is the limit")
		}
		err := rt.Run(func(context.Context) error {
			sink(64<<20, func() {
				until(rt.MonitorRests)
				if gv.Current().StackAsked() {
					t.Error("asked to measure its stack")
				}
				gv.Safepoint()
			})
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// Threads at random depths, below the limit and beyond it, that recover or don't,
// yield and block on the way, beside a collector that moves their stacks.
func TestStackOverflowStress(t *testing.T) {
	seeds := uint64(3)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			onLimitedStacks(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
				stop := make(chan struct{})
				collected := make(chan struct{})
				go func() {
					defer close(collected)
					for {
						select {
						case <-stop:
							return
						default:
							goruntime.GC()
						}
					}
				}()
				var all []*gv.Thread
				var mu gv.Mutex
				for id := range 20 {
					r := rand.New(rand.NewPCG(seed, uint64(id)))
					all = append(all, rt.Go(func(context.Context) error {
						for range 10 {
							if err := recurseAtRandom(r, &mu); err != nil {
								return err
							}
						}
						return nil
					}, gv.WithPriority(gv.Priority(r.IntN(4)))))
				}
				if err := waitAll(all); err != nil {
					t.Error(err)
				}
				close(stop)
				<-collected
			})
		})
	}
}

// recurseAtRandom recurses endlessly or not, and says what is wrong.
func recurseAtRandom(r *rand.Rand, mu *gv.Mutex) error {
	depth, unwound := 0, 0
	var down func(frames int)
	down = func(frames int) {
		gv.Safepoint()
		depth++
		defer func() {
			unwound++
			if r.IntN(100) == 0 {
				mu.Lock()
				defer mu.Unlock()
				gv.Yield()
			}
		}()
		if r.IntN(1000) == 0 {
			gv.Block(goruntime.Gosched)
		}
		if frames > 0 {
			down(frames - 1)
		}
	}
	frames := r.IntN(300)
	endless := r.IntN(3) == 0
	if endless {
		frames = 1 << 30
	}
	so := catch(func() { down(frames) })
	switch {
	case endless != (so != nil):
		return fmt.Errorf("overflow %v of a recursion of depth %d", so, frames)
	case unwound != depth:
		return fmt.Errorf("%d calls, and %d deferred functions", depth, unwound)
	}
	return nil
}
