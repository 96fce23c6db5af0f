package gv_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A recorder is a slog.Handler that passes on what it gets.
type recorder chan slog.Record

func (r recorder) Enabled(context.Context, slog.Level) bool { return true }
func (r recorder) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r recorder) WithGroup(string) slog.Handler            { return r }

func (r recorder) Handle(_ context.Context, record slog.Record) error {
	if gv.Current() != nil {
		return errors.New("called in a thread")
	}
	r <- record
	return nil
}

// logged is onEachEngine with a Logger, whose records it passes on.
func logged(t *testing.T, test func(t *testing.T, rt *gv.Runtime, records recorder)) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			records := make(recorder, 100)
			enoughProcessors(t)
			test(t, open(t, gv.Config{Workers: 2, Engine: engine, Logger: slog.New(records)}), records)
		})
	}
}

// Threads that wait for each other's locks are reported, once for each time, whether they do
// so in Block or not.
func TestDeadlockIsReportedOnce(t *testing.T) {
	logged(t, func(t *testing.T, rt *gv.Runtime, records recorder) {
		for range 3 {
			var a, b gv.Mutex
			gate := gv.NewChan[int](0)
			lock := func(first, second *gv.Mutex, meet func()) func(context.Context) error {
				return func(ctx context.Context) error {
					first.Lock()
					defer first.Unlock()
					meet()
					return second.LockContext(ctx)
				}
			}
			left := rt.Go(lock(&a, &b, func() { gate.Send(1) }), gv.WithName("left"))
			right := rt.Go(func(ctx context.Context) (err error) {
				gv.Block(func() { err = lock(&b, &a, func() { gate.Recv() })(ctx) })
				return err
			}, gv.WithName("right"))
			r := <-records
			text := ""
			r.Attrs(func(attr slog.Attr) bool {
				if attr.Key == "dump" {
					text = attr.Value.String()
				}
				return true
			})
			if r.Level != slog.LevelWarn || !strings.Contains(r.Message, "if no goroutine of the program is to wake one") {
				t.Errorf("%v %q", r.Level, r.Message)
			}
			wantLine(t, text, `thread \d+ "left": .*, waits to lock a Mutex of thread \d+ "right".*`)
			wantLine(t, text, `thread \d+ "right": .*, waits to lock a Mutex of thread \d+ "left".*`)
			until(rt.MonitorRests) // and has nothing more to report
			if len(records) != 0 {
				t.Errorf("%d more reports", len(records))
			}
			// A cancellation by a goroutine would count as a service; one by a
			// thread does not.
			err := rt.Run(func(context.Context) error {
				left.Cancel(errors.New("enough"))
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			if err := left.Wait(); !errors.Is(err, gv.ErrCancelled) {
				t.Errorf("left: %v", err)
			}
			if err := right.Wait(); err != nil {
				t.Errorf("right: %v", err)
			}
		}
	})
}

// Threads that merely wait are not reported, nor those that something known will
// end the waits of.
func TestWaitingIsNoDeadlock(t *testing.T) {
	c, full := gv.NewChan[int](0), gv.NewChan[int](0)
	locked := new(gv.Mutex)
	locked.Lock()
	for name, threads := range map[string][]func(context.Context) error{
		"work": {
			func(context.Context) error { _, err := c.Recv(); return err },
			func(context.Context) error { _, err := gv.Select(gv.RecvCase(c, nil)); return err },
			func(context.Context) error {
				return gv.Go(func(context.Context) error { _, err := c.Recv(); return err }).Wait()
			},
		},
		"a timer": {
			func(context.Context) error { return full.Send(1) },
			func(context.Context) error { return gv.Sleep(long) },
		},
		"a deadline": {
			func(context.Context) error { return full.Send(1) },
			func(ctx context.Context) error {
				limited, cancel := context.WithTimeout(ctx, long)
				defer cancel()
				var wg gv.WaitGroup
				wg.Add(1)
				return wg.WaitContext(limited)
			},
		},
		"Block": {
			func(context.Context) error { return full.Send(1) },
			func(ctx context.Context) error { gv.Block(func() { <-ctx.Done() }); return nil },
		},
		"Go": {
			func(context.Context) error { return full.Send(1) },
			func(ctx context.Context) error { <-ctx.Done(); return nil },
		},
		"a goroutine's lock": {
			func(ctx context.Context) error { return locked.LockContext(ctx) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			logged(t, func(t *testing.T, rt *gv.Runtime, records recorder) {
				var ts []*gv.Thread
				for _, fn := range threads {
					th := rt.Go(fn)
					until(func() bool { return th.State() == gv.StateBlocked || name == "Go" && th.State() == gv.StateRunning })
					ts = append(ts, th)
				}
				if rt.LooksDeadlocked() {
					t.Error("it looks like a deadlock")
				}
				if name == "work" {
					until(rt.MonitorRests)
				}
				for _, th := range ts {
					th.Cancel(nil)
				}
				waitAll(ts)
				if len(records) > 0 {
					r := <-records
					t.Errorf("reported: %s", r.Message)
				}
			})
		})
	}
}

// Who has been woken by a goroutine before may be again.
func TestServedThreadsAreNotDeadlocked(t *testing.T) {
	logged(t, func(t *testing.T, rt *gv.Runtime, records recorder) {
		c := gv.NewChan[int](0)
		th := rt.Go(func(context.Context) error {
			for c.Send(1) == nil {
			}
			return nil
		})
		until(func() bool { s, _ := c.Waiting(); return s == 1 && th.State() == gv.StateBlocked })
		if !rt.LooksDeadlocked() {
			t.Error("a thread that nobody has ever received from looks served")
		}
		if _, err := c.Recv(); err != nil {
			t.Error(err)
		}
		until(func() bool { s, _ := c.Waiting(); return s == 1 && th.State() == gv.StateBlocked })
		if rt.LooksDeadlocked() {
			t.Error("a thread that a goroutine has received from looks deadlocked")
		}
		// Timers don't count as goroutines.
		th.Cancel(nil)
		if err := th.Wait(); err != nil {
			t.Error(err)
		}
	})
	logged(t, func(t *testing.T, rt *gv.Runtime, records recorder) {
		c := gv.NewChan[int](0)
		th := rt.Go(func(context.Context) error {
			if err := gv.Sleep(time.Millisecond); err != nil {
				return err
			}
			return c.Send(1)
		})
		<-records
		th.Cancel(nil)
		if err := th.Wait(); !errors.Is(err, gv.ErrCancelled) {
			t.Error(err)
		}
	})
}

func TestStallsAreJudged(t *testing.T) {
	for _, test := range []struct {
		threads, stuck, others int
		outside, served        bool
		want                   bool
	}{
		{0, 0, 0, false, false, false},
		{2, 0, 0, false, false, true}, // nobody is left
		{2, 0, 0, false, true, true},
		{2, 1, 0, true, false, false},
		{2, 0, 1, false, false, false}, // wait for work
		{2, 1, 1, false, false, true},
		{2, 1, 1, true, false, false},
		{2, 1, 1, false, true, false},
	} {
		r := gv.NewStallReport(test.threads, test.stuck, test.others, test.outside, test.served)
		if got := r.Deadlock(); got != test.want {
			t.Errorf("%+v: deadlock %v", test, got)
		}
	}
}
