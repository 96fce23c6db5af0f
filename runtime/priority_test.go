package gv_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

var priorities = []gv.Priority{gv.Critical, gv.High, gv.Normal, gv.Low}

// strict is a configuration in which nothing but priorities and the order of
// arrival decides.
func strict(engine gv.Engine, workers int) gv.Config {
	return gv.Config{Engine: engine, Workers: workers, TimeSlice: long, MaxWait: long}
}

func forEachStrict(t *testing.T, workers int, test func(rt *gv.Runtime) error) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) { undisturbed(t, strict(engine, workers), test) })
	}
}

// A turn is one run of one of several threads that are numbered in the order of
// their start.
type turn struct {
	priority gv.Priority
	thread   int
}

// The threads that are ready run in the order of their priority, and in that of
// their arrival within one, wherever they came from.
func TestReadyThreadsRunByPriorityAndArrival(t *testing.T) {
	starters := map[string]func(rt *gv.Runtime, start func(int)) *gate{
		"goroutine": func(rt *gv.Runtime, start func(int)) *gate {
			g := closeGate(rt)
			for i := range 40 {
				start(i)
			}
			return g
		},
		"thread": func(rt *gv.Runtime, start func(int)) *gate {
			g := &gate{thread: rt.Go(func(context.Context) error {
				for i := range 40 {
					start(i)
				}
				return nil
			}, gv.WithPriority(gv.Critical))}
			return g
		},
		"both": func(rt *gv.Runtime, start func(int)) *gate {
			// A thread and a goroutine start them in turn.
			var next atomic.Int32
			half := func(parity int32) {
				for i := parity; i < 40; i += 2 {
					until(func() bool { return next.Load() == i })
					start(int(i))
					next.Add(1)
				}
			}
			g := &gate{thread: rt.Go(func(context.Context) error {
				half(0)
				return nil
			}, gv.WithPriority(gv.Critical))}
			half(1)
			return g
		},
	}
	for name, starter := range starters {
		t.Run(name, func(t *testing.T) {
			forEachStrict(t, 1, func(rt *gv.Runtime) error {
				random := rand.New(rand.NewPCG(1, 2))
				var turns journal[turn]
				var wanted []turn
				ts := make([]*gv.Thread, 40)
				g := starter(rt, func(i int) {
					// None is Critical: it would run between two starts.
					me := turn{priorities[1+random.IntN(3)], i}
					wanted = append(wanted, me)
					ts[i] = rt.Go(func(context.Context) error {
						turns.add(me)
						return nil
					}, gv.WithPriority(me.priority))
				})
				g.open()
				g.thread.Wait()
				if err := waitAll(ts); err != nil {
					return err
				}
				slices.SortFunc(wanted, func(a, b turn) int {
					return cmp.Or(cmp.Compare(a.priority, b.priority), cmp.Compare(a.thread, b.thread))
				})
				if got := turns.all(); !slices.Equal(got, wanted) {
					return fmt.Errorf("turns:\n%v, want\n%v", got, wanted)
				}
				return nil
			})
		})
	}
}

// Threads of one priority that yield take turns, and those of a lower one wait
// until they have ended: few, and so many that what they need is loaded ahead.
func TestYieldGoesRound(t *testing.T) {
	for _, c := range []struct{ members, rounds int }{{7, 50}, {600, 4}} {
		t.Run(fmt.Sprint(c.members), func(t *testing.T) { testYieldGoesRound(t, c.members, c.rounds) })
	}
}

func testYieldGoesRound(t *testing.T, members, rounds int) {
	forEachStrict(t, 1, func(rt *gv.Runtime) error {
		g := closeGate(rt)
		var turns journal[turn]
		var ts []*gv.Thread
		var wanted []turn
		for _, p := range priorities {
			for i := range members {
				ts = append(ts, rt.Go(func(context.Context) error {
					for range rounds {
						turns.add(turn{p, i})
						gv.Yield()
					}
					return nil
				}, gv.WithPriority(p)))
			}
			for range rounds {
				for i := range members {
					wanted = append(wanted, turn{p, i})
				}
			}
		}
		g.open()
		if err := waitAll(ts); err != nil {
			return err
		}
		got := turns.all()
		for i := range got {
			if got[i] != wanted[i] {
				return fmt.Errorf("turn %d: %v, want %v", i, got[i], wanted[i])
			}
		}
		return nil
	})
}

// While a thread of a higher priority is busy, no lower one runs on its worker.
func TestLowerWaitsForHigher(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			c := strict(engine, 1)
			c.TimeSlice = time.Millisecond // slices change nothing between priorities
			undisturbed(t, c, func(rt *gv.Runtime) error {
				var lowRan atomic.Bool
				var tooEarly bool
				high := rt.Go(func(context.Context) error {
					rt.Go(func(context.Context) error {
						lowRan.Store(true)
						return nil
					}, gv.WithPriority(gv.Low))
					for end := time.Now().Add(20 * time.Millisecond); time.Now().Before(end); {
						enginetest.Spin(100)
						gv.Safepoint()
						gv.Yield()
					}
					tooEarly = lowRan.Load()
					return nil
				}, gv.WithPriority(gv.High))
				if err := high.Wait(); err != nil {
					return err
				}
				if tooEarly {
					return fmt.Errorf("a Low thread ran while a High one was ready to go on")
				}
				return nil
			})
		})
	}
}

// A spinner is a thread that computes until it is stopped.
type spinner struct {
	thread *gv.Thread
	stop   atomic.Bool
	rounds atomic.Int64
}

// startSpinner starts one and returns when it runs. With safepoints it is
// instrumented code, without it is not.
func startSpinner(rt *gv.Runtime, p gv.Priority, safepoints bool) *spinner {
	s := &spinner{}
	s.thread = rt.Go(func(context.Context) error {
		for !s.stop.Load() {
			if safepoints {
				gv.Safepoint()
			}
			// Under the race detector an atomic operation is a call into C, in
			// which nothing is preempted: have something between two of them.
			enginetest.Spin(200)
			s.rounds.Add(1)
		}
		return nil
	}, gv.WithPriority(p), gv.WithName(p.String()+" spinner"))
	s.goesOn()
	return s
}

// goesOn waits until s has computed some more.
func (s *spinner) goesOn() {
	rounds := s.rounds.Load()
	until(func() bool { return s.rounds.Load() > rounds })
}

// settle waits until all of them run, and no worker is asked to make way any more: what the
// starts of threads have brought about is over.
func settle(spinners ...*spinner) {
	until(func() bool {
		for _, s := range spinners {
			if s.thread.State() != gv.StateRunning {
				return false
			}
		}
		return gv.PreemptPending() == 0
	})
}

func (s *spinner) end() error {
	s.stop.Store(true)
	return s.thread.Wait()
}

func waiting(th *gv.Thread) bool {
	s := th.State()
	return s == gv.StateReady || s == gv.StatePreempted
}

// A thread that becomes ready takes the worker of the lowest running one, and
// the others go on.
func TestReadyThreadTakesTheLowestWorker(t *testing.T) {
	type makeReady struct {
		name string
		// run makes a thread of priority Critical run fn, while low computes.
		run func(rt *gv.Runtime, low *spinner, fn func()) error
	}
	ways := []makeReady{
		{"started", func(rt *gv.Runtime, _ *spinner, fn func()) error {
			return rt.Go(func(context.Context) error { fn(); return nil }, gv.WithPriority(gv.Critical)).Wait()
		}},
		{"slept", func(rt *gv.Runtime, _ *spinner, fn func()) error {
			return rt.Go(func(context.Context) error {
				err := gv.Sleep(2 * time.Millisecond)
				fn()
				return err
			}, gv.WithPriority(gv.Critical)).Wait()
		}},
		{"received", func(rt *gv.Runtime, low *spinner, fn func()) error {
			c := gv.NewChan[int](0)
			th := rt.Go(func(context.Context) error {
				_, err := c.Recv()
				fn()
				return err
			}, gv.WithPriority(gv.Critical))
			until(func() bool { return th.State() == gv.StateBlocked })
			settle(low)
			low.goesOn() // the worker is low's by now, for all to see
			if err := c.Send(1); err != nil {
				return err
			}
			return th.Wait()
		}},
		{"raised", func(rt *gv.Runtime, _ *spinner, fn func()) error {
			th := rt.Go(func(context.Context) error { fn(); return nil }, gv.WithPriority(gv.Low))
			th.SetPriority(gv.Critical)
			return th.Wait()
		}},
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			for _, engine := range engines {
				for _, safepoints := range []bool{true, false} {
					t.Run(fmt.Sprintf("%v/safepoints=%v", engine, safepoints), func(t *testing.T) {
						if engine == gv.Portable && !safepoints {
							t.Skip("the Portable engine leaves threads without safepoints to Go's scheduler")
						}
						undisturbed(t, strict(engine, 3), func(rt *gv.Runtime) error {
							if !safepoints {
								needStops(t, rt)
							}
							low := startSpinner(rt, gv.Low, safepoints)
							normal := startSpinner(rt, gv.Normal, safepoints)
							high := startSpinner(rt, gv.High, safepoints)
							settle(low, normal, high)
							var wrong string
							err := way.run(rt, low, func() {
								wrong = fmt.Sprintf("Low is %v, Normal %v, High %v",
									low.thread.State(), normal.thread.State(), high.thread.State())
								if waiting(low.thread) && normal.thread.State() == gv.StateRunning && high.thread.State() == gv.StateRunning {
									wrong = ""
								}
							})
							for _, s := range []*spinner{low, normal, high} {
								if e := s.end(); e != nil {
									return e
								}
							}
							if err != nil {
								return err
							}
							if wrong != "" {
								return fmt.Errorf("while a Critical thread ran: %s", wrong)
							}
							return nil
						})
					})
				}
			}
		})
	}
}

// SetPriority moves a thread that is ready to its new place.
func TestSetPriorityOfReadyThread(t *testing.T) {
	forEachStrict(t, 1, func(rt *gv.Runtime) error {
		g := closeGate(rt)
		var order journal[string]
		start := func(name string, p gv.Priority) *gv.Thread {
			return rt.Go(func(context.Context) error {
				order.add(name)
				return nil
			}, gv.WithPriority(p))
		}
		a, b, c, d := start("a", gv.Normal), start("b", gv.Low), start("c", gv.High), start("d", gv.Low)
		b.SetPriority(gv.High) // behind c
		c.SetPriority(gv.Low)  // behind d
		a.SetPriority(gv.Normal)
		if a.Priority() != gv.Normal || b.Priority() != gv.High || c.Priority() != gv.Low {
			return fmt.Errorf("priorities: %v, %v, %v", a.Priority(), b.Priority(), c.Priority())
		}
		g.open()
		if err := waitAll([]*gv.Thread{a, b, c, d}); err != nil {
			return err
		}
		if got, want := order.all(), []string{"b", "a", "d", "c"}; !slices.Equal(got, want) {
			return fmt.Errorf("order %v, want %v", got, want)
		}
		return nil
	})
}

// SetPriority makes a running thread give way to a ready one that it is now
// below, whoever calls it.
func TestSetPriorityOfRunningThread(t *testing.T) {
	for _, caller := range []string{"goroutine", "itself"} {
		t.Run(caller, func(t *testing.T) {
			onEachEngine(t, strict(gv.Auto, 1), func(t *testing.T, rt *gv.Runtime) {
				var otherRan atomic.Bool
				var other *gv.Thread
				th := rt.Go(func(context.Context) error {
					other = rt.Go(func(context.Context) error {
						otherRan.Store(true)
						return nil
					})
					if caller == "itself" {
						gv.Current().SetPriority(gv.Low)
						if !otherRan.Load() {
							return errors.New("it has gone on before the other")
						}
					}
					for !otherRan.Load() {
						enginetest.Spin(100)
						gv.Safepoint()
					}
					return nil
				}, gv.WithPriority(gv.High))
				if caller == "goroutine" {
					th.SetPriority(gv.Low)
				}
				if err := th.Wait(); err != nil {
					t.Error(err)
				}
				if err := other.Wait(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A thread that is ready for MaxWait runs though threads of higher priority
// never give way: those with safepoints, and those without.
func TestMaxWaitBoundsStarvation(t *testing.T) {
	for _, safepoints := range []bool{true, false} {
		t.Run(fmt.Sprintf("safepoints=%v", safepoints), func(t *testing.T) {
			c := gv.Config{Workers: 2, MaxWait: 20 * time.Millisecond, TimeSlice: 2 * time.Millisecond}
			onEachEngine(t, c, func(t *testing.T, rt *gv.Runtime) {
				if !safepoints {
					needStops(t, rt)
				}
				var hogs []*spinner
				for range 3 {
					hogs = append(hogs, startSpinner(rt, gv.High, safepoints))
				}
				var starved []*gv.Thread
				for _, p := range []gv.Priority{gv.Low, gv.Normal, gv.Low, gv.Low} {
					starved = append(starved, rt.Go(func(context.Context) error {
						// More than one turn, so the boost must come again.
						for range 3 {
							gv.Yield()
						}
						return nil
					}, gv.WithPriority(p)))
				}
				if err := waitAll(starved); err != nil {
					t.Error(err)
				}
				for _, h := range hogs {
					if err := h.end(); err != nil {
						t.Error(err)
					}
				}
				s := rt.Stats()
				if s.Boosts == 0 && s.Handoffs == 0 {
					t.Error("no thread was boosted")
				}
			})
		})
	}
}

// A boost ends with the turn: the priority in force is the thread's own again.
func TestBoostEnds(t *testing.T) {
	rt := openForced(t, gv.Config{Workers: 1, MaxWait: 50 * time.Millisecond})
	var low atomic.Pointer[gv.Thread]
	var turns, normal atomic.Int32
	hog := rt.Go(func(context.Context) error {
		for low.Load() == nil || low.Load().State() != gv.StateDone {
			gv.Safepoint()
			// When this thread has the worker again, the other has had a turn,
			// and won't be boosted before it has waited once more.
			if th := low.Load(); th != nil && turns.Load() > 0 && th.Effective() == gv.Low {
				normal.Store(turns.Load())
			}
		}
		return nil
	}, gv.WithPriority(gv.High))
	low.Store(rt.Go(func(context.Context) error {
		for range 3 {
			if p := gv.Current().Effective(); p != gv.Critical {
				return fmt.Errorf("runs beside a High thread as %v", p)
			}
			turns.Add(1)
			gv.Yield()
		}
		return nil
	}, gv.WithPriority(gv.Low)))
	if err := waitAll([]*gv.Thread{low.Load(), hog}); err != nil {
		t.Error(err)
	}
	if normal.Load() == 0 {
		t.Error("the boost outlived the turn")
	}
	if p := low.Load().Priority(); p != gv.Low {
		t.Errorf("Priority is %v, want what the user set", p)
	}
}

// Low threads that hold a sync.Mutex, which the scheduler can't see, get to
// unlock it though a Critical thread waits for it and a High one never stops.
func TestInversionOnSyncMutexEnds(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			rt := open(t, gv.Config{Engine: engine, Workers: 1, MaxWait: 10 * time.Millisecond})
			var mu sync.Mutex
			var held atomic.Bool
			low := rt.Go(func(context.Context) error {
				mu.Lock()
				held.Store(true)
				for range 3 {
					gv.Yield()
				}
				mu.Unlock()
				return nil
			}, gv.WithPriority(gv.Low))
			until(held.Load)
			hog := startSpinner(rt, gv.High, true)
			critical := rt.Go(func(context.Context) error {
				mu.Lock()
				mu.Unlock()
				return nil
			}, gv.WithPriority(gv.Critical))
			if err := critical.Wait(); err != nil {
				t.Error(err)
			}
			if err := hog.end(); err != nil {
				t.Error(err)
			}
			if err := low.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPriorityNames(t *testing.T) {
	for want, p := range map[string]gv.Priority{
		"Critical": gv.Critical, "High": gv.High, "Normal": gv.Normal, "Low": gv.Low, "Priority(9)": 9,
	} {
		if p.String() != want {
			t.Errorf("%q, want %q", p.String(), want)
		}
	}
}

func TestPriorityOutOfRangeIsLow(t *testing.T) {
	rt := open(t, gv.Config{})
	th := rt.Go(func(context.Context) error { return nil }, gv.WithPriority(200))
	if p := th.Priority(); p != gv.Low {
		t.Errorf("WithPriority(200) makes it %v", p)
	}
	th.SetPriority(gv.High)
	th.SetPriority(4)
	if p := th.Priority(); p != gv.Low {
		t.Errorf("SetPriority(4) makes it %v", p)
	}
	if err := th.Wait(); err != nil {
		t.Error(err)
	}
}
