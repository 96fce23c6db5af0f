package gv_test

import (
	"context"
	"errors"
	"log/slog"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// Close cancels what is alive, in whatever state, with ErrRuntimeClosed.
func TestCloseCancels(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			rt, err := gv.New(gv.Config{Engine: engine, Workers: 1})
			if err != nil {
				t.Skip(err)
			}
			defer watchdog(t)()
			asleep := rt.Go(func(context.Context) error { return gv.Sleep(long) })
			watching := rt.Go(func(ctx context.Context) error {
				gv.Block(func() { <-ctx.Done() })
				return context.Cause(ctx)
			})
			until(func() bool {
				return asleep.State() == gv.StateBlocked && watching.State() == gv.StateBlocked
			})
			busy := rt.Go(func(ctx context.Context) error {
				for ctx.Err() == nil {
					gv.Safepoint()
				}
				return context.Cause(ctx)
			}, gv.WithPriority(gv.Critical))
			until(func() bool { return busy.State() == gv.StateRunning })
			waits := rt.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.Low))
			if err := rt.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			for name, th := range map[string]*gv.Thread{"asleep": asleep, "watching": watching, "busy": busy} {
				if err := th.Err(); !errors.Is(err, gv.ErrRuntimeClosed) || name == "asleep" && !errors.Is(err, gv.ErrCancelled) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if s := waits.State(); s != gv.StateDone {
				t.Errorf("a thread without a turn is %v", s)
			}
		})
	}
}

func TestGoAfterClose(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			rt, err := gv.New(gv.Config{Engine: engine})
			if err != nil {
				t.Skip(err)
			}
			if err := rt.Close(); err != nil {
				t.Error(err)
			}
			th := rt.Go(func(context.Context) error {
				t.Error("a thread runs on a closed runtime")
				return nil
			})
			if s := th.State(); s != gv.StateDone {
				t.Errorf("is %v", s)
			}
			if err := th.Wait(); !errors.Is(err, gv.ErrRuntimeClosed) {
				t.Errorf("Wait: %v", err)
			}
			<-th.Done()
			if err := rt.Run(func(context.Context) error { return nil }); !errors.Is(err, gv.ErrRuntimeClosed) {
				t.Errorf("Run: %v", err)
			}
			if err := rt.Close(); err != nil {
				t.Errorf("the second Close: %v", err)
			}
			if err := rt.Shutdown(context.Background()); err != nil {
				t.Errorf("Shutdown after Close: %v", err)
			}
		})
	}
}

func TestCloseInsideThread(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(context.Context) error {
			if err := rt.Close(); err != gv.ErrInsideThread {
				t.Errorf("Close: %v", err)
			}
			if err := rt.Shutdown(context.Background()); err != gv.ErrInsideThread {
				t.Errorf("Shutdown: %v", err)
			}
			return gv.Go(func(context.Context) error { return nil }).Wait() // still open
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// A thread may close another runtime than its own: it is parked meanwhile.
func TestCloseOfAnotherRuntime(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		other, err := gv.New(gv.Config{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		// Running is not enough: a thread that is cancelled before its function
		// is called never calls it.
		var started, ran atomic.Bool
		other.Go(func(ctx context.Context) error {
			started.Store(true)
			<-ctx.Done()
			for !ran.Load() {
				time.Sleep(time.Millisecond)
			}
			return nil
		})
		until(started.Load)
		closer := rt.Go(func(context.Context) error { return other.Close() })
		until(func() bool { return closer.State() == gv.StateBlocked })
		if err := rt.Go(func(context.Context) error {
			ran.Store(true)
			return nil
		}).Wait(); err != nil {
			t.Error(err)
		}
		if err := closer.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// Shutdown waits for the threads, also those that they start, and leaves the
// runtime open when its context ends first.
func TestShutdown(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			rt, err := gv.New(gv.Config{Engine: engine, Workers: 1})
			if err != nil {
				t.Skip(err)
			}
			defer watchdog(t)()
			release := make(chan struct{})
			var last atomic.Bool
			th := rt.Go(func(context.Context) error {
				gv.Block(func() { <-release })
				gv.Go(func(ctx context.Context) error {
					gv.Yield()
					last.Store(true)
					return ctx.Err()
				})
				return nil
			})
			ctx, cancel := context.WithTimeoutCause(context.Background(), time.Millisecond, errStop)
			defer cancel()
			if err := rt.Shutdown(ctx); err != errStop {
				t.Errorf("Shutdown: %v, want the cause of its context", err)
			}
			if err := rt.Go(func(context.Context) error { return nil }).Wait(); err != nil {
				t.Errorf("after a Shutdown that gave up: %v", err)
			}
			close(release)
			if err := rt.Shutdown(context.Background()); err != nil {
				t.Errorf("Shutdown: %v", err)
			}
			if err := th.Err(); err != nil {
				t.Error(err)
			}
			if !last.Load() {
				t.Error("Shutdown did not wait for a thread that a thread had started")
			}
			if err := rt.Go(func(context.Context) error { return nil }).Wait(); !errors.Is(err, gv.ErrRuntimeClosed) {
				t.Errorf("after Shutdown: %v", err)
			}
		})
	}
}

// Which came first, the end of the context or that of the threads, is not left to chance where
// both came before the call.
func TestShutdownWithEndedContext(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			rt, err := gv.New(gv.Config{Engine: engine})
			if err != nil {
				t.Skip(err)
			}
			defer watchdog(t)()
			ctx, cancel := context.WithCancelCause(context.Background())
			cancel(errStop)
			for range 50 {
				if err := rt.Shutdown(ctx); err != errStop {
					t.Fatalf("Shutdown: %v, want the cause of its context", err)
				}
			}
			if err := rt.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			for range 50 {
				if err := rt.Shutdown(ctx); err != nil {
					t.Fatalf("Shutdown after Close: %v", err)
				}
			}
		})
	}
}

// All who close at once wait for the end, and threads that are started at the
// same time run or are refused.
func TestCloseRaces(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			defer watchdog(t)()
			for range 50 {
				rt, err := gv.New(gv.Config{Engine: engine, Workers: 2})
				if err != nil {
					t.Skip(err)
				}
				var wg sync.WaitGroup
				for range 3 {
					wg.Go(func() {
						for {
							err := rt.Go(func(context.Context) error { return gv.Sleep(1) }).Wait()
							if err != nil {
								if !errors.Is(err, gv.ErrRuntimeClosed) {
									t.Error(err)
								}
								return
							}
						}
					})
				}
				for range 3 {
					wg.Go(func() {
						enginetest.Spin(10_000)
						if err := rt.Close(); err != nil {
							t.Error(err)
						}
						if s := rt.Stats(); s.Threads != 0 || s.Fibers != 0 || s.Started != s.Finished {
							t.Errorf("after Close: %+v", s)
						}
					})
				}
				wg.Wait()
			}
		})
	}
}

// eventually waits for what happens on its own a little later.
func eventually(condition func() bool) bool {
	for range 2000 {
		if condition() {
			return true
		}
		time.Sleep(time.Millisecond)
	}
	return false
}

// Close gives back goroutines, GOMAXPROCS and memory.
func TestCloseGivesBack(t *testing.T) {
	const n = 10_000
	round := func(t *testing.T, engine gv.Engine) {
		rt, err := gv.New(gv.Config{Engine: engine, Workers: 2})
		if err != nil {
			t.Skip(err)
		}
		var parked gv.WaitGroup
		parked.Add(n)
		for range n {
			rt.Go(func(context.Context) error {
				buf := make([]byte, 1024)
				parked.Done()
				err := gv.Sleep(long)
				goruntime.KeepAlive(buf)
				return err
			})
		}
		parked.Wait()
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
	}
	inUse := func() uint64 {
		goruntime.GC()
		goruntime.GC()
		var m goruntime.MemStats
		goruntime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			defer watchdog(t)()
			round(t, engine) // what Go itself keeps after the first time
			goroutines, procs, memory := goruntime.NumGoroutine(), goruntime.GOMAXPROCS(0), inUse()
			for range 3 {
				round(t, engine)
			}
			if !eventually(func() bool { return goruntime.NumGoroutine() <= goroutines }) {
				t.Errorf("%d goroutines, before: %d", goruntime.NumGoroutine(), goroutines)
			}
			if p := goruntime.GOMAXPROCS(0); p != procs {
				t.Errorf("GOMAXPROCS is %d, was %d", p, procs)
			}
			// A leak of one thread's kilobyte would be 30 MB.
			const slack = 4 << 20
			if !eventually(func() bool { return inUse() < memory+slack }) {
				t.Errorf("%d bytes in use, before: %d", inUse(), memory)
			}
		})
	}
}

// A slowHandler is a slog.Handler that calls a function.
type slowHandler func()

func (h slowHandler) Enabled(context.Context, slog.Level) bool  { return true }
func (h slowHandler) WithAttrs([]slog.Attr) slog.Handler        { return h }
func (h slowHandler) WithGroup(string) slog.Handler             { return h }
func (h slowHandler) Handle(context.Context, slog.Record) error { h(); return nil }

// Close waits for the calls of the program's functions that are under way.
func TestCloseWaitsForCallbacks(t *testing.T) {
	enoughProcessors(t)
	spin := func(ctx context.Context) error {
		for ctx.Err() == nil {
			gv.Safepoint()
		}
		return nil
	}
	onLate := func(f func()) gv.Config { return gv.Config{LateAfter: 1, OnLate: func(gv.Late) { f() }} }
	logger := func(f func()) gv.Config { return gv.Config{Logger: slog.New(slowHandler(f))} }
	for name, cause := range map[string]struct {
		config func(callback func()) gv.Config
		exits  bool
		// start starts threads for which the callback is called.
		start func(rt *gv.Runtime)
	}{
		"OnLate":            {onLate, false, func(rt *gv.Runtime) { rt.Go(spin); rt.Go(spin) }},
		"OnLate that exits": {onLate, true, func(rt *gv.Runtime) { rt.Go(spin); rt.Go(spin); rt.Go(spin) }},
		"a budget":          {logger, false, func(rt *gv.Runtime) { rt.Go(spin, gv.WithBudget(1, gv.Low)) }},
		"a deadlock": {logger, false, func(rt *gv.Runtime) {
			rt.Go(func(context.Context) error { return gv.NewChan[int](0).Send(1) })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, engine := range engines {
				t.Run(engine.String(), func(t *testing.T) {
					var rt *gv.Runtime
					var begun, running atomic.Int32
					config := cause.config(func() {
						running.Add(1)
						defer running.Add(-1)
						begun.Add(1)
						until(func() bool { return rt.Stats().Threads == 0 })
						time.Sleep(10 * time.Millisecond) // in which Close does the rest
						if cause.exits {
							goruntime.Goexit()
						}
					})
					config.Engine, config.Workers = engine, 1
					rt = newRuntime(t, config)
					defer watchdog(t)()
					cause.start(rt)
					until(func() bool { return begun.Load() > 0 })
					if err := rt.Close(); err != nil {
						t.Error(err)
					}
					if n := running.Load(); n != 0 {
						t.Errorf("Close has returned, and %d calls have not", n)
					}
				})
			}
		})
	}
}
