package gv_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	goruntime "runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// dump returns what rt dumps.
func dump(t *testing.T, rt *gv.Runtime) string {
	t.Helper()
	var b bytes.Buffer
	if err := rt.Dump(&b); err != nil {
		t.Errorf("Dump: %v", err)
	}
	return b.String()
}

// wantLine reports an error unless a line of text matches pattern.
func wantLine(t *testing.T, text, pattern string) {
	t.Helper()
	if !regexp.MustCompile("(?m)^" + pattern + "$").MatchString(text) {
		t.Errorf("no line matches %q in\n%s", pattern, text)
	}
}

func TestDumpOfNewRuntime(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		want := fmt.Sprintf(`gv runtime: engine %v, 2 workers, 2 of them idle, 0 threads, 0 fibers
ready: Critical 0 High 0 Normal 0 Low 0
worker 1: idle
worker 2: idle
`, rt.Capabilities().Engine)
		if got := dump(t, rt); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		broken := errors.New("broken")
		if err := rt.Dump(errorWriter{broken}); err != broken {
			t.Errorf("Dump to a broken Writer: %v", err)
		}
	})
}

type errorWriter struct{ error }

func (w errorWriter) Write([]byte) (int, error) { return 0, w.error }

// Each kind of wait is named, with what else is known of it.
func TestDumpSaysWhatThreadsWaitFor(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		var none *gv.Chan[int]
		c := gv.NewChan[int](0)
		d := gv.NewChan[int](0)
		var mine, others, unheld gv.Mutex
		var rw, readers gv.RWMutex
		var wg gv.WaitGroup
		sem := gv.NewSemaphore(5)
		wg.Add(1)
		others.Lock()
		rw.Lock()
		readers.RLock()
		unheld.Lock()
		cond := gv.NewCond(&unheld)
		gate := make(chan struct{})
		holder := rt.Go(func(context.Context) error {
			mine.Lock()
			defer mine.Unlock()
			_, err := d.Recv()
			return err
		}, gv.WithName("holder"), gv.WithPriority(gv.Low))
		until(func() bool { return holder.State() == gv.StateBlocked })
		var all []*gv.Thread
		var want []string
		for _, w := range []struct {
			text string
			wait func(ctx context.Context) error
		}{
			{"to use a nil Chan", func(context.Context) error { return none.Send(1) }},
			{"to send to a Chan", func(context.Context) error { return c.Send(1) }},
			{"to receive from a Chan", func(context.Context) error { _, err := d.Recv(); return err }},
			{"in Select", func(context.Context) error { _, err := gv.Select(gv.RecvCase(d, nil)); return err }},
			{`to lock a Mutex of thread 1 "holder"`, func(ctx context.Context) error { return mine.LockContext(ctx) }},
			{"to lock a Mutex of a goroutine", func(ctx context.Context) error { return others.LockContext(ctx) }},
			{"to lock an RWMutex for reading", func(ctx context.Context) error { return rw.RLockContext(ctx) }},
			{"for the readers of an RWMutex to leave", func(ctx context.Context) error { return readers.LockContext(ctx) }},
			{"for a WaitGroup", func(ctx context.Context) error { return wg.WaitContext(ctx) }},
			{"for 7 of a Semaphore", func(ctx context.Context) error { return sem.Acquire(ctx, 7) }},
			{"for thread 1", func(context.Context) error { return holder.Wait() }},
			{"in Sleep, with (1h0m0s|59m5.*) left", func(context.Context) error { return gv.Sleep(time.Hour) }},
			{"in Block", func(context.Context) error { gv.Block(func() { <-gate }); return nil }},
			{"for the threads of a Run", func(context.Context) error {
				return rt.Run(func(context.Context) error {
					gv.Go(func(context.Context) error { _, err := d.Recv(); return err })
					return nil
				})
			}},
		} {
			th := rt.Go(w.wait, gv.WithPriority(gv.High))
			until(func() bool { return th.State() == gv.StateBlocked })
			all = append(all, th)
			want = append(want, fmt.Sprintf(`thread %d: High, waits %s(, goroutine \d+)?(, stack \d+ KiB)?`, th.ID(), w.text))
		}
		waiter := rt.Go(func(ctx context.Context) error {
			unheld.Lock()
			defer unheld.Unlock()
			return cond.WaitContext(ctx)
		})
		unheld.Unlock()
		untilWaiting(cond, 1)
		all = append(all, waiter)
		want = append(want, fmt.Sprintf(`thread %d: Normal, waits for a Cond(, goroutine \d+)?(, stack \d+ KiB)?`, waiter.ID()))
		until(func() bool { s := rt.Stats(); return s.Idle == 1 && s.Started == 18 && s.Threads == 17 })

		text := dump(t, rt)
		for _, line := range want {
			wantLine(t, text, line)
		}
		wantLine(t, text, `thread 1 "holder": Low, runs as High, waits to receive from a Chan(, goroutine \d+)?(, stack \d+ KiB)?`)
		wantLine(t, text, `thread \d+: Normal, waits to receive from a Chan.*, started by thread 16`)
		if _, native := dumpedGoroutine(text); native {
			// Each goroutine carries one thread.
			seen := map[string]bool{}
			for _, n := range regexp.MustCompile(`goroutine \d+`).FindAllString(text, -1) {
				if seen[n] {
					t.Errorf("%s twice in\n%s", n, text)
				}
				seen[n] = true
			}
		}

		close(gate)
		others.Unlock()
		rw.Unlock()
		readers.RUnlock()
		for _, th := range append(all, holder) {
			th.Cancel(nil)
		}
	})
}

// dumpedGoroutine returns the number of the first goroutine in a dump.
func dumpedGoroutine(text string) (n string, ok bool) {
	m := regexp.MustCompile(`goroutine (\d+)`).FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	return m[1], true
}

func TestDumpOfRunningAndReadyThreads(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		g := closeGate(rt)
		ready := rt.Go(func(context.Context) error { return nil }, gv.WithName("one"))
		cancelled := rt.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.Low))
		text := dump(t, rt)
		wantLine(t, text, `gv runtime: engine \w+, 1 workers, 0 of them idle, 3 threads, 1 fibers`)
		wantLine(t, text, `ready: Critical 0 High 0 Normal 1 Low 1`)
		wantLine(t, text, `worker 1: thread 1 "gate"`)
		wantLine(t, text, `thread 1 "gate": Critical, runs on worker 1.*`)
		wantLine(t, text, `thread 2 "one": Normal, New for \S+s`)
		wantLine(t, text, `thread 3: Low, New for \S+s`)
		g.open()
		if err := waitAll([]*gv.Thread{g.thread, ready, cancelled}); err != nil {
			t.Error(err)
		}
	})
}

// The number of the goroutine is the one that its stack has, wherever a thread
// runs.
func TestDumpNamesGoroutines(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(context.Context) error {
			buf := make([]byte, 100)
			buf = buf[:goruntime.Stack(buf, false)]
			text := dump(t, rt)
			if n, ok := dumpedGoroutine(text); ok && !strings.HasPrefix(string(buf), "goroutine "+n+" ") {
				t.Errorf("goroutine %s, want the one of %s", n, buf)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// Dumps can be taken at any time, by goroutines and threads, and each line is of
// one thread.
func TestDumpBesideWork(t *testing.T) {
	line := regexp.MustCompile(`^thread \d+: \w+(, runs as \w+)?, (waits [^,]*(, with \S+ left)?|runs (on worker \d|without a worker)|is being started|\w+( for \S+s)?)(, blocked in Go|, in a system call)?(, goroutine \d+)?(, stack \d+ KiB)?(, cancelled)?(, started by thread \d+)?$`)
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		check := func() {
			text := dump(t, rt)
			_, threads, _ := strings.Cut(text, "worker 2")
			for _, l := range strings.Split(strings.TrimSpace(threads), "\n")[1:] {
				if !line.MatchString(l) {
					t.Errorf("line %q", l)
				}
			}
		}
		var mu gv.Mutex
		c := gv.NewChan[int](2)
		var stop atomic.Bool
		work := func(r int) error {
			for !stop.Load() {
				switch r++; r % 6 {
				case 0:
					mu.Lock()
					gv.Yield()
					mu.Unlock()
				case 1:
					c.TrySend(1)
				case 2:
					c.TryRecv()
				case 3:
					gv.Sleep(time.Microsecond)
				case 4:
					gv.Block(goruntime.Gosched)
				case 5:
					if err := gv.Go(func(context.Context) error { return nil }).Wait(); err != nil {
						return err
					}
				}
			}
			return nil
		}
		var ts []*gv.Thread
		for i := range 10 {
			ts = append(ts, rt.Go(func(context.Context) error { return work(i) }, gv.WithPriority(gv.Priority(i%4))))
		}
		for range 200 {
			check()
		}
		if err := rt.Run(func(context.Context) error { check(); return rt.Dump(io.Discard) }, gv.WithPriority(gv.Critical)); err != nil {
			t.Error(err)
		}
		stop.Store(true)
		if err := waitAll(ts); err != nil {
			t.Error(err)
		}
	})
}
