package gv_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// A blocker is a way to block in Go. Each call of start prepares one wait, and
// returns a function that waits and one that ends the wait.
type blocker struct {
	name  string
	start func(t *testing.T) (wait func() error, release func())
}

var blockers = []blocker{
	{"sync.Mutex", func(*testing.T) (func() error, func()) {
		var mu sync.Mutex
		mu.Lock()
		return func() error { mu.Lock(); return nil }, mu.Unlock
	}},
	{"sync.WaitGroup", func(*testing.T) (func() error, func()) {
		var wg sync.WaitGroup
		wg.Add(1)
		return func() error { wg.Wait(); return nil }, wg.Done
	}},
	{"sync.Cond", func(*testing.T) (func() error, func()) {
		var mu sync.Mutex
		cond := sync.NewCond(&mu)
		released := false
		wait := func() error {
			mu.Lock()
			defer mu.Unlock()
			for !released {
				cond.Wait()
			}
			return nil
		}
		return wait, func() {
			mu.Lock()
			defer mu.Unlock()
			released = true
			cond.Broadcast()
		}
	}},
	{"channel", func(*testing.T) (func() error, func()) {
		c := make(chan int)
		return func() error { <-c; return nil }, func() { close(c) }
	}},
	{"select", func(*testing.T) (func() error, func()) {
		c, never := make(chan int), make(chan int)
		wait := func() error {
			select {
			case <-c:
			case <-never:
			}
			return nil
		}
		return wait, func() { close(c) }
	}},
	{"time.Sleep", func(*testing.T) (func() error, func()) {
		var over atomic.Bool
		wait := func() error {
			for !over.Load() {
				time.Sleep(20 * time.Millisecond)
			}
			return nil
		}
		return wait, func() { over.Store(true) }
	}},
	{"net.Conn", func(t *testing.T) (func() error, func()) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Skip(err)
		}
		defer l.Close()
		here, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		there, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { here.Close(); there.Close() })
		return readOne(here), func() { there.Write([]byte{'x'}) }
	}},
	{"os.File", func(t *testing.T) (func() error, func()) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close(); w.Close() })
		return readOne(r), func() { w.Write([]byte{'x'}) }
	}},
	{"blocking os.File", func(t *testing.T) (func() error, func()) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		// Fd makes the file blocking: Read is a system call that waits.
		r.Fd()
		t.Cleanup(func() { r.Close(); w.Close() })
		return readOne(r), func() { w.Write([]byte{'x'}) }
	}},
	{"exec.Cmd", func(t *testing.T) (func() error, func()) {
		cmd := childCommand(t, "-test.run=^TestChildThatReads$")
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Skip(err)
		}
		return cmd.Wait, func() { in.Close() }
	}},
}

func readOne(r io.Reader) func() error {
	return func() error {
		_, err := io.ReadFull(r, make([]byte, 1))
		return err
	}
}

// TestChildThatReads is the process that the exec.Cmd blocker waits for.
func TestChildThatReads(t *testing.T) {
	if !inChild() {
		t.Skip("runs in a process that another test starts")
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		t.Error(err)
	}
}

// While threads on all workers are blocked in Go, with Block or without, other
// threads run: here the one that ends the waits. The others then go on.
func TestBlockingInGoCostsNoWorker(t *testing.T) {
	const workers = 2
	for _, b := range blockers {
		for _, withBlock := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/Block=%v", b.name, withBlock), func(t *testing.T) {
				onEachEngine(t, gv.Config{Workers: workers}, func(t *testing.T, rt *gv.Runtime) {
					var waits [workers]func() error
					var releases [workers]func()
					for i := range waits {
						waits[i], releases[i] = b.start(t)
					}
					var entered, left atomic.Int32
					var ts []*gv.Thread
					for _, wait := range waits {
						ts = append(ts, rt.Go(func(context.Context) (err error) {
							entered.Add(1)
							if withBlock {
								gv.Block(func() { err = wait() })
							} else {
								err = wait()
							}
							left.Add(1)
							gv.Yield()
							return err
						}, gv.WithPriority(gv.Critical)))
					}
					until(func() bool { return entered.Load() == workers })
					// Low, so it runs only if the others hold no worker.
					ts = append(ts, rt.Go(func(context.Context) error {
						if left.Load() != 0 {
							return errors.New("the blockers don't block")
						}
						for _, release := range releases {
							release()
						}
						return nil
					}, gv.WithPriority(gv.Low)))
					if err := waitAll(ts); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// Many more threads than workers are blocked in Go at once.
func TestManyBlockedInGo(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		const n = 50
		c := make(chan int)
		var entered atomic.Int32
		var ts []*gv.Thread
		for range n {
			ts = append(ts, rt.Go(func(context.Context) error {
				entered.Add(1)
				<-c
				return nil
			}))
		}
		until(func() bool { return entered.Load() == n })
		close(c)
		if err := waitAll(ts); err != nil {
			t.Error(err)
		}
	})
}

// No more threads run at once than there are workers, however they come and go.
func TestNoMoreRunThanWorkers(t *testing.T) {
	const workers = 2
	ways := map[string]func() error{
		"Yield": func() error { gv.Yield(); return nil },
		"Sleep": func() error { return gv.Sleep(time.Microsecond) },
		"Block": func() error { gv.Block(goruntime.Gosched); return nil },
		"Go":    func() error { return gv.Go(func(context.Context) error { return nil }).Wait() },
	}
	for name, pause := range ways {
		t.Run(name, func(t *testing.T) {
			for _, engine := range engines {
				t.Run(engine.String(), func(t *testing.T) {
					c := gv.Config{Engine: engine, Workers: workers, NoForced: true, TimeSlice: long, MaxWait: long}
					undisturbed(t, c, func(rt *gv.Runtime) error {
						var running, most atomic.Int32
						var ts []*gv.Thread
						for range 3 * workers {
							ts = append(ts, rt.Go(func(context.Context) error {
								for range 100 {
									// Nothing preempts in here.
									n := running.Add(1)
									for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
									}
									enginetest.Spin(500)
									running.Add(-1)
									if err := pause(); err != nil {
										return err
									}
								}
								return nil
							}))
						}
						if err := waitAll(ts); err != nil {
							return err
						}
						if n := most.Load(); n > workers {
							return fmt.Errorf("%d threads ran at once on %d workers", n, workers)
						}
						return nil
					})
				})
			}
		})
	}
}

// A thread whose worker was taken while it was blocked in Go waits for its turn
// when it comes back: it doesn't run beside one of higher priority.
func TestLostThreadComesBackInOrder(t *testing.T) {
	rt := openForced(t, gv.Config{Workers: 1, MaxWait: long})
	c := make(chan int)
	var lowGoesOn, entered atomic.Bool
	low := rt.Go(func(context.Context) error {
		entered.Store(true)
		<-c
		for !lowGoesOn.Load() { // no safepoint: it must be stopped
			enginetest.Spin(100)
		}
		return nil
	}, gv.WithPriority(gv.Low))
	until(entered.Load)
	high := startSpinner(rt, gv.High, true) // takes the worker
	close(c)
	until(func() bool { return waiting(low) })
	lowGoesOn.Store(true)
	if err := high.end(); err != nil {
		t.Error(err)
	}
	if err := low.Wait(); err != nil {
		t.Error(err)
	}
	if rt.Stats().Handoffs == 0 {
		t.Error("the worker was not taken from a thread that was blocked in Go")
	}
}

// What leaves Block by a panic or Goexit has a worker again, and Block may be
// nested.
func TestWaysOutOfBlock(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		deferred := false
		goexit := rt.Go(func(context.Context) error {
			defer func() {
				deferred = gv.Current().State() == gv.StateRunning
			}()
			gv.Block(goruntime.Goexit)
			return nil
		})
		if err := goexit.Wait(); err != gv.ErrGoexit {
			t.Errorf("Goexit in Block: %v", err)
		}
		if !deferred {
			t.Error("Goexit left Block without a worker")
		}
		if err := rt.Go(func(context.Context) (err error) {
			defer func() {
				if recover() != "in Block" {
					err = errors.New("the panic was lost")
				} else if s := gv.Current().State(); s != gv.StateRunning {
					err = fmt.Errorf("%v after a panic in Block", s)
				}
			}()
			gv.Block(func() { panic("in Block") })
			return nil
		}).Wait(); err != nil {
			t.Error(err)
		}
		if err := rt.Go(func(context.Context) error {
			var inner, outer gv.State
			gv.Block(func() {
				gv.Block(func() { inner = gv.Current().State() })
				gv.Safepoint()
				outer = gv.Current().State()
			})
			if after := gv.Current().State(); inner != gv.StateBlocked || outer != gv.StateBlocked || after != gv.StateRunning {
				return fmt.Errorf("%v in the inner Block, %v in the outer one, %v after", inner, outer, after)
			}
			return nil
		}).Wait(); err != nil {
			t.Error(err)
		}
	})
	called := false
	gv.Block(func() { called = true })
	if !called {
		t.Error("Block in a goroutine does not call")
	}
}

// Calls of this package work in Block.
func TestCallsInBlock(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		c := gv.NewChan[int](0)
		th := rt.Go(func(context.Context) (err error) {
			var v int
			gv.Block(func() {
				gv.Yield()
				if err = gv.Sleep(time.Millisecond); err == nil {
					v, err = c.Recv()
				}
			})
			if err == nil && v != 7 {
				err = fmt.Errorf("received %d", v)
			}
			return err
		})
		sender := rt.Go(func(context.Context) error { return c.Send(7) })
		if err := waitAll([]*gv.Thread{th, sender}); err != nil {
			t.Error(err)
		}
	})
}

// waitsInBlock are calls that wait, in Block, for other until it has been called.
func waitsInBlock(rt *gv.Runtime) map[string]func() (wait func() error, other func()) {
	return map[string]func() (wait func() error, other func()){
		"Recv": func() (func() error, func()) {
			c := gv.NewChan[int](0)
			return func() error { _, err := c.Recv(); return err }, func() { c.Send(1) }
		},
		"Lock": func() (func() error, func()) {
			mu := new(gv.Mutex)
			mu.Lock()
			return func() error { mu.Lock(); mu.Unlock(); return nil }, mu.Unlock
		},
		"Wait": func() (func() error, func()) {
			c := gv.NewChan[int](0)
			th := rt.Go(func(context.Context) error { _, err := c.Recv(); return err })
			return th.Wait, func() { c.Send(1) }
		},
		"Do": func() (func() error, func()) {
			c := gv.NewChan[int](0)
			return func() error {
				return rt.Do(func(context.Context) error { _, err := c.Recv(); return err })
			}, func() { c.Send(1) }
		},
		"Sleep": func() (func() error, func()) {
			return func() error { return gv.Sleep(time.Microsecond) }, func() {}
		},
	}
}

// A thread that has waited in Block in a call of this package goes on there without a
// worker, as before: others run while it computes, or is blocked in Go.
func TestWaitsInBlock(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1, NoForced: true, TimeSlice: long, MaxWait: long}, func(t *testing.T, rt *gv.Runtime) {
		for name, start := range waitsInBlock(rt) {
			t.Run(name, func(t *testing.T) {
				wait, other := start()
				var entered, goesOn, stop atomic.Bool
				var state gv.State
				th := rt.Go(func(context.Context) (err error) {
					gv.Block(func() {
						entered.Store(true)
						err = wait()
						goesOn.Store(true)
						for !stop.Load() {
							enginetest.Spin(100)
							goruntime.Gosched()
						}
						state = gv.Current().State()
					})
					return err
				})
				until(entered.Load)
				other()
				until(goesOn.Load)
				var i gv.ThreadInfo
				for i = range rt.Threads() {
					if i.ID == th.ID() {
						break
					}
				}
				if i.State != gv.StateBlocked || i.Worker != 0 || i.Waits != "in Block" {
					t.Errorf("in Block the thread is %v on worker %d, and waits %q", i.State, i.Worker, i.Waits)
				}
				if n := rt.Stats().Idle; n != 1 {
					t.Errorf("%d workers are idle", n)
				}
				if err := rt.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.Low)).Wait(); err != nil {
					t.Error(err)
				}
				stop.Store(true)
				if err := th.Wait(); err != nil || state != gv.StateBlocked {
					t.Errorf("it was %v, and returned %v", state, err)
				}
			})
		}
	})
}

// What a thread waits for in Block ends when it is the thread's turn.
func TestWaitInBlockEndsInTurn(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			c := gv.Config{Engine: engine, Workers: 1, NoForced: true, TimeSlice: long, MaxWait: long}
			undisturbed(t, c, func(rt *gv.Runtime) error {
				numbers := gv.NewChan[int](0)
				var goesOn atomic.Bool
				low := rt.Go(func(context.Context) (err error) {
					gv.Block(func() {
						_, err = numbers.Recv()
						goesOn.Store(true)
					})
					return err
				}, gv.WithPriority(gv.Low))
				until(low.Parked)
				g := closeGate(rt)
				err := numbers.Send(1)
				if s := low.State(); err == nil && (s != gv.StateReady || goesOn.Load()) {
					err = fmt.Errorf("the thread is %v while one of higher priority has the worker, and went on: %v", s, goesOn.Load())
				}
				g.open()
				return errors.Join(err, waitAll([]*gv.Thread{g.thread, low}))
			})
		})
	}
}
