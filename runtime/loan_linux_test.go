package gv_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	goruntime "runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gvthread/gvthread/arch"
	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// onOneCore keeps all OS threads of the process on one core until the end of the
// test, so that whoever wants a worker has displaced the one that runs on it.
func onOneCore(t *testing.T) {
	t.Helper()
	var before, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Skip(err)
	}
	for cpu := 0; one.Count() == 0; cpu++ {
		if before.IsSet(cpu) {
			one.Set(cpu)
		}
	}
	set := func(cpus *unix.CPUSet) {
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			t.Skip(err)
		}
		for _, task := range tasks {
			if tid, err := strconv.Atoi(task.Name()); err == nil {
				_ = unix.SchedSetaffinity(tid, cpus) // it may have ended
			}
		}
	}
	set(&one)
	t.Cleanup(func() { set(&before) })
}

// Threads that a more urgent one displaces lose nothing: neither if they get their
// worker back before they have run again, nor if they have gone on meanwhile and
// yielded, blocked, left for Go or ended.
func TestDisplacedThreads(t *testing.T) {
	if err := arch.ForcedPreemption(); err != nil {
		t.Skip(err)
	}
	for seed := range uint64(3) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			defer watchdog(t)()
			onOneCore(t)
			rt, err := gv.New(gv.Config{Workers: 2})
			if err != nil {
				t.Fatal(err)
			}
			defer rt.Close()

			const displaced, requests = 6, 400
			var over atomic.Bool
			values := gv.NewChan[int](2)
			var sent, received atomic.Int64
			var low []*gv.Thread
			for i := range displaced {
				low = append(low, rt.Go(func(context.Context) error {
					r := rand.New(rand.NewPCG(seed, uint64(i)))
					for !over.Load() {
						enginetest.Spin(r.IntN(200_000))
						switch r.IntN(30) { // mostly deaf, or they would be asked and not displaced
						case 0:
							gv.Yield()
						case 1:
							gv.Block(goruntime.Gosched)
						case 2:
							time.Sleep(time.Microsecond)
						case 3:
							if values.TrySend(1) == nil {
								sent.Add(1)
							}
						case 4:
							if v, err := values.TryRecv(); err == nil {
								received.Add(int64(v))
							}
						case 5:
							// One that ends soon.
							if err := gv.Go(func(context.Context) error { enginetest.Spin(r.IntN(50_000)); return nil }).Wait(); err != nil {
								return err
							}
						}
					}
					return nil
				}, gv.WithPriority(gv.Low)))
			}
			lent := 0
			for range requests {
				err := rt.Go(func(context.Context) error {
					for _, th := range low {
						if th.Displaced() {
							lent++
							break
						}
					}
					return nil
				}, gv.WithPriority(gv.Critical)).Wait()
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(50 * time.Microsecond)
			}
			over.Store(true)
			for _, th := range low {
				if err := th.Wait(); err != nil {
					t.Error(err)
				}
			}
			if left := int64(values.Len()); sent.Load() != received.Load()+left {
				t.Errorf("%d values were sent, %d received, %d are left", sent.Load(), received.Load(), left)
			}
			if lent == 0 {
				t.Errorf("none of %d requests has displaced a thread without stopping it", requests)
			}
			t.Logf("%d of %d requests have displaced a thread", lent, requests)
		})
	}
}

// The Monitor looks after a thread whose worker is lent, or that would run on
// without one for as long as the borrower does.
func TestMonitorOfLoan(t *testing.T) {
	onOneCore(t)
	rt := openForced(t, gv.Config{Workers: 1})
	const attempts = 20
	lent := 0
	for range attempts {
		var runs, over atomic.Bool
		low := rt.Go(func(context.Context) error {
			runs.Store(true)
			for !over.Load() {
				enginetest.Spin(1000)
			}
			return nil
		}, gv.WithPriority(gv.Low))
		until(func() bool { return runs.Load() && rt.MonitorRests() })
		err := rt.Go(func(context.Context) error {
			if !low.Displaced() {
				return nil
			}
			lent++
			for range 300 {
				if !low.Displaced() || !rt.MonitorRests() {
					return nil
				}
				time.Sleep(time.Millisecond)
			}
			t.Error("the Monitor rests while a worker is lent")
			return nil
		}, gv.WithPriority(gv.Critical)).Wait()
		over.Store(true)
		if err := waitAll([]*gv.Thread{low}); err != nil {
			t.Error(err)
		}
		if err != nil || t.Failed() {
			break
		}
	}
	t.Logf("%d of %d requests have displaced the thread", lent, attempts)
}

// A thread that has borrowed a worker, and then is no longer more urgent than the
// one that it was borrowed from, gives it back when it yields, or is made to.
func TestBorrowerThatIsNoLongerUrgent(t *testing.T) {
	for name, makeWay := range map[string]func(){
		"yields":         gv.Yield,
		"is asked":       gv.Safepoint,
		"has to be told": func() { enginetest.Spin(1000) },
	} {
		t.Run(name, func(t *testing.T) {
			onOneCore(t)
			rt := openForced(t, gv.Config{Workers: 1, MaxWait: long})
			const attempts = 20
			lent := 0
			for range attempts {
				var runs, over atomic.Bool
				var borrower atomic.Pointer[gv.Thread]
				high := rt.Go(func(context.Context) error {
					runs.Store(true)
					for b := borrower.Load(); b == nil || b.State() == gv.StateRunning; b = borrower.Load() {
						enginetest.Spin(1000)
					}
					over.Store(true)
					return nil
				}, gv.WithPriority(gv.High))
				until(runs.Load)
				err := rt.Do(func(context.Context) error {
					me := gv.Current()
					if high.Displaced() {
						lent++
					}
					go func() { // to lower itself would be to make way
						me.SetPriority(gv.Low)
						borrower.Store(me)
					}()
					for !over.Load() {
						makeWay()
					}
					return nil
				}, gv.WithPriority(gv.Critical))
				if err := errors.Join(err, high.Wait()); err != nil {
					t.Fatal(err)
				}
			}
			if lent == 0 {
				t.Error("no worker was borrowed")
			}
			t.Logf("%d of %d requests have displaced the thread", lent, attempts)
		})
	}
}
