package gv_test

import (
	"context"
	"fmt"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// total returns what s says that the time of the workers went to, and how much of it to
// threads.
func total(s gv.Stats) (all, run time.Duration) {
	for _, d := range s.RunTime {
		run += d
	}
	return run + s.IdleTime, run
}

// A balance compares the time that is accounted for with the time that passes. Both are
// of the same clock, so no busy machine comes in between.
type balance struct {
	rt         *gv.Runtime
	all        time.Duration
	from, upTo time.Time // the first Stats are of a moment between the two
}

func openBalance(rt *gv.Runtime) (b balance) {
	b.rt, b.from = rt, time.Now()
	b.all, _ = total(rt.Stats())
	b.upTo = time.Now()
	return b
}

// check says whether each worker's time is accounted for, and once.
func (b balance) check() error {
	least := time.Since(b.upTo)
	s := b.rt.Stats()
	most := time.Since(b.from)
	all, _ := total(s)
	workers := time.Duration(s.Workers)
	if all -= b.all; all < workers*least || all > workers*most {
		return fmt.Errorf("%v of %d workers is accounted for in %v to %v: %+v", all, workers, least, most, s)
	}
	return nil
}

// runTimeOf returns what the threads of a crowd have had of the workers.
func runTimeOf(c *enginetest.Crowd) (sum time.Duration) {
	for _, th := range c.Threads() {
		sum += th.RunTime()
	}
	return sum
}

// accounted is a Config with which threads come to workers in all ways.
var accounted = gv.Config{Workers: 2, TimeSlice: time.Millisecond, MaxWait: 5 * time.Millisecond, Accounting: true}

// Whatever threads do, the time of the workers is theirs or idle, without gaps and not
// twice, and what they have had adds up to what the workers have given.
func TestRunTimesAddUp(t *testing.T) {
	onEachEngine(t, accounted, func(t *testing.T, rt *gv.Runtime) {
		b := openBalance(rt)
		var f enginetest.Crowd
		act := func(first int) error {
			f.Join()
			for r := range 50 {
				if err := f.Act(first + r); err != nil {
					return err
				}
			}
			return b.check()
		}
		var ts []*gv.Thread
		var visitors sync.WaitGroup
		for i := range 8 {
			p := gv.WithPriority(gv.Priority(i % 4))
			ts = append(ts, rt.Go(func(context.Context) error { return act(i) }, p))
			visitors.Go(func() {
				if err := rt.Do(func(context.Context) error { return act(i) }, p); err != nil {
					t.Error(err)
				}
			})
		}
		if err := waitAll(ts); err != nil {
			t.Error(err)
		}
		visitors.Wait()
		until(func() bool { return rt.Stats().Idle == 2 })
		if err := b.check(); err != nil {
			t.Error(err)
		}
		if _, run := total(rt.Stats()); runTimeOf(&f) != run {
			t.Errorf("the threads have had %v of the workers, which have given %v", runTimeOf(&f), run)
		}
		s := rt.Stats()
		if n := counts(s); n[0]+n[1]+n[2]+n[3] != s.Switches {
			t.Errorf("%d waits for a worker, by priority, and %d times that a thread was given one", n, s.Switches)
		}
	})
}

// Whoever asks twice for the run time of a thread gets no less the second time.
func TestRunTimeNeverGoesBack(t *testing.T) {
	onEachEngine(t, accounted, func(t *testing.T, rt *gv.Runtime) {
		var f enginetest.Crowd
		var ts []*gv.Thread
		for i := range 6 {
			ts = append(ts, rt.Go(func(context.Context) error {
				for r := range 100 {
					if err := f.Act(i + r); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		var alive atomic.Bool
		alive.Store(true)
		var readers sync.WaitGroup
		for range 2 {
			readers.Go(func() {
				last := make([]time.Duration, len(ts))
				for alive.Load() {
					for i, th := range ts {
						for range 100 {
							now := th.RunTime()
							if now < last[i] {
								t.Errorf("the run time of thread %d went from %v to %v", th.ID(), last[i], now)
								return
							}
							last[i] = now
						}
						goruntime.Gosched() // on one processor, the threads need it, too
					}
				}
			})
		}
		if err := waitAll(ts); err != nil {
			t.Error(err)
		}
		alive.Store(false)
		readers.Wait()
	})
}

// A thread has run for as long as it has had a worker: not while it waits, in this package
// or for a worker, or is in Block.
func TestRunTimeIsTimeOnAWorker(t *testing.T) {
	c := gv.Config{Workers: 1, TimeSlice: long, MaxWait: long, Accounting: true}
	onEachEngine(t, c, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(context.Context) error {
			// Alone, it keeps its worker.
			self := gv.Current()
			from := time.Now()
			before := self.RunTime()
			inner := time.Now()
			enginetest.Spin(1_000_000)
			least := time.Since(inner)
			had := self.RunTime() - before
			if most := time.Since(from); had < least || had > most {
				return fmt.Errorf("in %v to %v it has run for %v", least, most, had)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}

		done := make(chan struct{})
		still := []*gv.Thread{
			rt.Go(func(context.Context) error { return gv.Sleep(long) }),
			rt.Go(func(context.Context) error { gv.Block(func() { <-done }); return nil }),
		}
		until(func() bool {
			return still[0].State() == gv.StateBlocked && still[1].State() == gv.StateBlocked && rt.Stats().Idle == 1
		})
		var before []time.Duration
		for _, th := range still {
			before = append(before, th.RunTime())
		}
		low := func() time.Duration { return rt.Stats().RunTime[gv.Low] }
		runner := rt.Go(func(context.Context) error {
			for first := low(); low() == first; {
			}
			return nil
		}, gv.WithPriority(gv.Low))
		if err := runner.Wait(); err != nil {
			t.Error(err)
		}
		for i, th := range still {
			if now := th.RunTime(); now != before[i] || now == 0 {
				t.Errorf("thread %d is %v, and its run time goes from %v to %v", th.ID(), th.State(), before[i], now)
			}
		}
		close(done)
		still[0].Cancel(nil)
		still[1].Wait()
	})
}

// Run time counts for the priority at which it was had.
func TestRunTimeByPriority(t *testing.T) {
	c := gv.Config{Workers: 1, TimeSlice: long, MaxWait: long, Accounting: true}
	onEachEngine(t, c, func(t *testing.T, rt *gv.Runtime) {
		th := rt.Go(func(context.Context) error {
			for p := gv.Low; ; p-- {
				gv.Current().SetPriority(p)
				before := rt.Stats().RunTime
				for rt.Stats().RunTime[p] == before[p] {
				}
				after := rt.Stats().RunTime
				after[p] = before[p]
				if after != before {
					return fmt.Errorf("while the only thread was %v, the run times went from %v to %v", p, before, after)
				}
				if p == gv.Critical {
					return nil
				}
			}
		}, gv.WithPriority(gv.High))
		if err := th.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// Without Config.Accounting there are no times.
func TestNoAccounting(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		th := rt.Go(func(context.Context) error { return gv.Sleep(time.Millisecond) })
		err := th.Wait()
		s := rt.Stats()
		if all, _ := total(s); err != nil || th.RunTime() != 0 || all != 0 {
			t.Errorf("%v: run time %v, %+v", err, th.RunTime(), s)
		}
	})
}
