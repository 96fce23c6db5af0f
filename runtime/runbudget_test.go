package gv_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// budgeted runs test on each engine, with accounting and without.
func budgeted(t *testing.T, workers int, test func(t *testing.T, rt *gv.Runtime, records recorder)) {
	enoughProcessors(t)
	for _, accounting := range []bool{true, false} {
		t.Run(fmt.Sprintf("accounting=%v", accounting), func(t *testing.T) {
			records := make(recorder, 1000)
			c := gv.Config{Workers: workers, MaxWait: long, Accounting: accounting, Logger: slog.New(records)}
			onEachEngine(t, c, func(t *testing.T, rt *gv.Runtime) {
				test(t, rt, records)
			})
		})
	}
}

// ownPriority reports whether the calling thread's own priority is p.
func ownPriority(p gv.Priority) bool { return gv.Current().Priority() == p }

// A thread that has had its budget goes on at the lower priority, also if nothing else is
// there to run, and the Logger is told so.
func TestBudgetLowers(t *testing.T) {
	budgeted(t, 2, func(t *testing.T, rt *gv.Runtime, records recorder) {
		const budget = 5 * time.Millisecond
		var ran time.Duration
		th := rt.Go(func(context.Context) error {
			for !ownPriority(gv.Low) {
				enginetest.Spin(1000)
			}
			ran = gv.Current().RunTime()
			return nil
		}, gv.WithPriority(gv.Critical), gv.WithName("greedy"), gv.WithBudget(budget, gv.Low))
		if err := th.Wait(); err != nil {
			t.Error(err)
		}
		if ran != 0 && ran < budget {
			t.Errorf("it was lowered after %v, and had %v", ran, budget)
		}
		if th.Priority() != gv.Low || th.Effective() != gv.Low {
			t.Errorf("it is %v and runs as %v", th.Priority(), th.Effective())
		}
		r := <-records
		want := fmt.Sprintf(`gv: thread %d "greedy" has had its budget of 5ms, and goes on as Low`, th.ID())
		if r.Message != want || r.Level != slog.LevelWarn {
			t.Errorf("the Logger was told %v %q, want %q", r.Level, r.Message, want)
		}
		attrs := map[string]string{}
		r.Attrs(func(a slog.Attr) bool { attrs[a.Key] = a.Value.String(); return true })
		if attrs["thread"] != fmt.Sprint(th.ID()) || attrs["name"] != "greedy" || attrs["budget"] != "5ms" || attrs["priority"] != "Low" {
			t.Errorf("the Logger was told %v", attrs)
		}
	})
}

// One that has had its budget makes way for those that are above it now.
func TestLoweredThreadMakesWay(t *testing.T) {
	budgeted(t, 1, func(t *testing.T, rt *gv.Runtime, _ recorder) {
		needStops(t, rt)
		var began, ended atomic.Bool
		greedy := rt.Go(func(context.Context) error {
			for began.Store(true); !ended.Load(); {
				enginetest.Spin(1000)
				gv.Safepoint()
			}
			return nil
		}, gv.WithPriority(gv.Critical), gv.WithBudget(time.Millisecond, gv.Low))
		until(began.Load)
		normal := rt.Go(func(context.Context) error {
			ended.Store(true)
			return nil
		})
		if err := waitAll([]*gv.Thread{normal, greedy}); err != nil {
			t.Error(err)
		}
	})
}

// With accounting the turns add up, however short they are.
func TestBudgetOfShortTurns(t *testing.T) {
	c := gv.Config{Workers: 1, Accounting: true}
	onEachEngine(t, c, func(t *testing.T, rt *gv.Runtime) {
		var ts []*gv.Thread
		for range 2 {
			ts = append(ts, rt.Go(func(context.Context) error {
				for self := gv.Current(); !ownPriority(gv.Low); gv.Yield() {
					if ran := self.RunTime(); ran > 10*time.Second {
						return fmt.Errorf("it is %v after %v", self.Priority(), ran)
					}
				}
				return nil
			}, gv.WithBudget(time.Millisecond, gv.Low)))
		}
		if err := waitAll(ts); err != nil {
			t.Error(err)
		}
	})
}

// Time in which a thread does not run is none of its budget.
func TestBudgetIsRunTime(t *testing.T) {
	const budget = time.Hour
	budgeted(t, 1, func(t *testing.T, rt *gv.Runtime, records recorder) {
		th := rt.Go(func(context.Context) error {
			before := left(rt, gv.Current())
			if err := gv.Sleep(10 * time.Millisecond); err != nil {
				return err
			}
			gv.Block(func() { time.Sleep(10 * time.Millisecond) })
			if used := before - left(rt, gv.Current()); used < 0 {
				return fmt.Errorf("%v of the budget has come back", -used)
			}
			if !ownPriority(gv.High) {
				return errors.New("it has been lowered")
			}
			return nil
		}, gv.WithPriority(gv.High), gv.WithBudget(budget, gv.Low))
		if err := th.Wait(); err != nil {
			t.Error(err)
		}
		if len(records) > 0 {
			t.Errorf("the Logger was told %q", (<-records).Message)
		}
	})
}

// left returns what is left of th's budget.
func left(rt *gv.Runtime, th *gv.Thread) time.Duration {
	for i := range rt.Threads() {
		if i.ID == th.ID() {
			return i.BudgetLeft
		}
	}
	return -1
}

// Threads and Dump say what is left of a budget, and that one without has none.
func TestBudgetIsShown(t *testing.T) {
	budgeted(t, 2, func(t *testing.T, rt *gv.Runtime, _ recorder) {
		const budget = 20 * time.Millisecond
		done := gv.NewChan[int](0)
		plain := rt.Go(func(context.Context) error { _, err := done.Recv(); return err }, gv.WithName("plain"))
		greedy := rt.Go(func(context.Context) error {
			for !ownPriority(gv.Low) {
				enginetest.Spin(1000)
			}
			_, err := done.Recv()
			return err
		}, gv.WithName("greedy"), gv.WithBudget(budget, gv.Low))
		last := budget
		for greedy.Priority() != gv.Low {
			now := left(rt, greedy)
			if now > last || now < 0 {
				t.Fatalf("%v are left, after %v", now, last)
			}
			last = now
		}
		for i := range rt.Threads() {
			switch {
			case i.BudgetLeft != 0:
				t.Errorf("%s has %v left", i.Name, i.BudgetLeft)
			case i.Name == "plain" && i.Budget != 0, i.Name == "greedy" && i.Budget != budget:
				t.Errorf("%s has a budget of %v", i.Name, i.Budget)
			}
		}
		var b bytes.Buffer
		if err := rt.Dump(&b); err != nil {
			t.Error(err)
		}
		for line := range strings.Lines(b.String()) {
			if shown := strings.Contains(line, ", 0s left of 20ms"); shown != strings.Contains(line, `"greedy": Low`) {
				t.Errorf("the dump has %q", line)
			}
		}
		done.Close()
		for _, th := range []*gv.Thread{plain, greedy} {
			if err := th.Wait(); !errors.Is(err, gv.ErrClosed) {
				t.Error(err)
			}
		}
	})
}

// A lowered thread that holds a Mutex has the priority of the highest that waits for it,
// for as long as it holds it.
func TestLoweredThreadInherits(t *testing.T) {
	budgeted(t, 1, func(t *testing.T, rt *gv.Runtime, _ recorder) {
		var mu gv.Mutex
		err := rt.Go(func(context.Context) error {
			self := gv.Current()
			mu.Lock()
			for !ownPriority(gv.Low) {
				enginetest.Spin(1000)
				gv.Safepoint()
			}
			waiter := gv.Go(func(context.Context) error {
				mu.Lock()
				mu.Unlock()
				return nil
			}, gv.WithPriority(gv.Critical))
			for self.Effective() != gv.Critical {
				gv.Safepoint()
			}
			if p := self.Priority(); p != gv.Low {
				return fmt.Errorf("its own priority is %v", p)
			}
			mu.Unlock()
			if p := self.Effective(); p != gv.Low {
				return fmt.Errorf("without the Mutex it runs as %v", p)
			}
			return waiter.Wait()
		}, gv.WithBudget(time.Millisecond, gv.Low)).Wait()
		if err != nil {
			t.Error(err)
		}
	})
}

// One that had its budget while it held a Mutex for a higher one is lowered when it unlocks.
func TestLoweredWhileInheriting(t *testing.T) {
	budgeted(t, 1, func(t *testing.T, rt *gv.Runtime, _ recorder) {
		var mu gv.Mutex
		err := rt.Go(func(context.Context) error {
			self := gv.Current()
			mu.Lock()
			waiter := gv.Go(func(context.Context) error {
				mu.Lock()
				mu.Unlock()
				return nil
			}, gv.WithPriority(gv.Critical))
			for self.Effective() != gv.Critical || !ownPriority(gv.Low) {
				enginetest.Spin(1000)
				gv.Safepoint()
			}
			mu.Unlock()
			if p := self.Effective(); p != gv.Low {
				return fmt.Errorf("without the Mutex it runs as %v", p)
			}
			return waiter.Wait()
		}, gv.WithPriority(gv.High), gv.WithBudget(5*time.Millisecond, gv.Low)).Wait()
		if err != nil {
			t.Error(err)
		}
	})
}

// A thread that the program raises again stays so, and the Logger hears of it once.
func TestBudgetIsHadOnce(t *testing.T) {
	const budget = time.Millisecond
	enoughProcessors(t)
	records := make(recorder, 100)
	c := gv.Config{Workers: 1, Accounting: true, Logger: slog.New(records)}
	onEachEngine(t, c, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Go(func(context.Context) error {
			self := gv.Current()
			for !ownPriority(gv.Low) {
				enginetest.Spin(1000)
				gv.Safepoint()
			}
			self.SetPriority(gv.High)
			for had := self.RunTime(); self.RunTime() < had+10*budget; gv.Yield() {
			}
			if p := self.Priority(); p != gv.High {
				return fmt.Errorf("it was raised, and is %v", p)
			}
			return nil
		}, gv.WithBudget(budget, gv.Low)).Wait()
		if err != nil {
			t.Error(err)
		}
		<-records
		if len(records) > 0 {
			t.Errorf("the Logger was told %q, too", (<-records).Message)
		}
	})
}

// A budget raises nobody: one that is lower already stays so, as the Logger is told.
func TestBudgetDoesNotRaise(t *testing.T) {
	budgeted(t, 1, func(t *testing.T, rt *gv.Runtime, records recorder) {
		for _, low := range []struct {
			name string
			opts []gv.Option
			then gv.Priority
		}{
			{"started low", []gv.Option{gv.WithPriority(gv.Low)}, gv.High},
			{"equal", []gv.Option{gv.WithPriority(gv.Low)}, gv.Low},
			{"set low", []gv.Option{gv.WithPriority(gv.High)}, gv.Normal},
			{"no priority", []gv.Option{gv.WithPriority(gv.Normal)}, 17},
		} {
			var told atomic.Bool
			opts := append(low.opts, gv.WithBudget(10*time.Millisecond, low.then))
			th := rt.Go(func(context.Context) error {
				if low.name == "set low" {
					gv.Current().SetPriority(gv.Low)
				}
				for !told.Load() {
					enginetest.Spin(1000)
					gv.Safepoint()
				}
				if !ownPriority(gv.Low) {
					return fmt.Errorf("it is %v", gv.Current().Priority())
				}
				return nil
			}, opts...)
			if r := <-records; !strings.HasSuffix(r.Message, "goes on as Low") {
				t.Errorf("%s: the Logger was told %q", low.name, r.Message)
			}
			told.Store(true)
			if err := th.Wait(); err != nil {
				t.Errorf("%s: %v", low.name, err)
			}
		}
	})
}

// Do, Run and groups take the option; what a thread starts has no part in its budget.
func TestBudgetInDoAndGroup(t *testing.T) {
	budgeted(t, 2, func(t *testing.T, rt *gv.Runtime, _ recorder) {
		lowered := func(context.Context) error {
			var child gv.ThreadInfo
			err := gv.Go(func(context.Context) error {
				for i := range rt.Threads() {
					if i.ID == gv.Current().ID() {
						child = i
					}
				}
				return nil
			}).Wait()
			if err != nil || child.ID == 0 || child.Budget != 0 {
				return fmt.Errorf("%v; a child has a budget of %v", err, child.Budget)
			}
			for !ownPriority(gv.Low) {
				enginetest.Spin(1000)
				gv.Safepoint()
			}
			return nil
		}
		budget := gv.WithBudget(2*time.Millisecond, gv.Low)
		if err := rt.Do(lowered, budget); err != nil {
			t.Errorf("Do: %v", err)
		}
		if err := rt.Run(lowered, budget); err != nil {
			t.Errorf("Run: %v", err)
		}
		g := rt.NewGroup(context.Background(), budget)
		for range 3 {
			if err := g.Go(lowered); err != nil {
				t.Error(err)
			}
		}
		if err := g.Wait(); err != nil {
			t.Errorf("Group: %v", err)
		}
	})
}

func TestBadBudget(t *testing.T) {
	for _, d := range []time.Duration{0, -time.Second} {
		want := fmt.Sprintf("gv: WithBudget of %v: a budget must be above 0; leave the option out for none", d)
		mustPanic(t, want, func() { gv.WithBudget(d, gv.Low) })
	}
}
