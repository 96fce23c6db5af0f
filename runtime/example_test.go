package gv_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

func ExampleNew() {
	rt, err := gv.New(gv.Config{Workers: 2, TimeSlice: 5 * time.Millisecond})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close()
	err = rt.Go(func(context.Context) error {
		fmt.Println("in a thread")
		return nil
	}).Wait()
	fmt.Println(err)

	_, err = gv.New(gv.Config{Workers: -1})
	fmt.Println(err)
	// Output:
	// in a thread
	// <nil>
	// gv: new runtime: Config.Workers is -1; it must not be negative (0 means the default)
}

func ExampleGo() {
	th := gv.Go(func(context.Context) error {
		return errors.New("nothing to do")
	})
	fmt.Println(th.Wait())
	// Output: nothing to do
}

// Threads that are started inside Run belong to it: it returns when all have
// ended.
func ExampleRun() {
	var sum atomic.Int64
	err := gv.Run(func(context.Context) error {
		for i := range int64(10) {
			gv.Go(func(context.Context) error {
				sum.Add(i)
				return nil
			})
		}
		return nil
	})
	fmt.Println(sum.Load(), err)
	// Output: 45 <nil>
}

func ExampleRuntime_Go() {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close()
	parent := rt.Go(func(context.Context) error {
		child := rt.Go(func(context.Context) error {
			fmt.Println("child")
			return nil
		})
		return child.Wait()
	})
	fmt.Println(parent.Wait())
	// Output:
	// child
	// <nil>
}

func ExampleRuntime_Close() {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	asleep := rt.Go(func(context.Context) error { return gv.Sleep(time.Hour) })
	fmt.Println("close:", rt.Close())
	fmt.Println("alive:", asleep.Err())
	fmt.Println("after:", rt.Go(func(context.Context) error { return nil }).Wait())
	// Output:
	// close: <nil>
	// alive: gv: thread cancelled: gv: runtime closed
	// after: gv: runtime closed
}

// Shutdown lets threads end in peace, for as long as its context does.
func ExampleRuntime_Shutdown() {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	rt.Go(func(context.Context) error {
		err := gv.Sleep(time.Millisecond)
		fmt.Println("slept well:", err)
		return err
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := rt.Shutdown(ctx); err != nil {
		fmt.Println(err)
		rt.Close()
	}
	// Output: slept well: <nil>
}

// Threads of one priority on one worker take turns when they yield.
func ExampleYield() {
	rt, err := gv.New(gv.Config{Workers: 1, TimeSlice: time.Hour})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close()
	rt.Run(func(context.Context) error {
		for _, name := range []string{"ping", "pong"} {
			gv.Go(func(context.Context) error {
				for i := range 2 {
					fmt.Println(name, i)
					gv.Yield()
				}
				return nil
			})
		}
		return nil
	})
	// Output:
	// ping 0
	// pong 0
	// ping 1
	// pong 1
}

// A long loop passes safepoints, where threads of higher priority can cut in
// cheaply. gvinstrument inserts them.
func ExampleSafepoint() {
	sum := 0
	err := gv.Run(func(context.Context) error {
		for i := range 1_000_000 {
			gv.Safepoint()
			sum += i
		}
		return nil
	}, gv.WithPriority(gv.Low))
	fmt.Println(sum, err)
	// Output: 499999500000 <nil>
}

func ExampleSleep() {
	th := gv.Go(func(context.Context) error {
		if err := gv.Sleep(time.Millisecond); err != nil {
			return err
		}
		fmt.Println("awake")
		gv.Current().Cancel(errors.New("time to get up"))
		return gv.Sleep(time.Hour)
	})
	fmt.Println(th.Wait())
	// Output:
	// awake
	// gv: thread cancelled: time to get up
}

func ExampleCurrent() {
	gv.Run(func(context.Context) error {
		fmt.Println(gv.Current().Name(), gv.Current().State())
		return nil
	}, gv.WithName("worker bee"))
	fmt.Println(gv.Current() == nil)
	// Output:
	// worker bee Running
	// true
}

// Block keeps no worker while fn waits in Go.
func ExampleBlock() {
	rt, err := gv.New(gv.Config{Workers: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close()
	err = rt.Run(func(context.Context) error {
		r, w, err := os.Pipe()
		if err != nil {
			return err
		}
		defer r.Close()
		gv.Go(func(context.Context) error {
			fmt.Fprintln(w, "from another thread, on the only worker")
			return w.Close()
		})
		var text []byte
		gv.Block(func() { text, err = io.ReadAll(r) })
		fmt.Printf("%s", text)
		return err
	})
	fmt.Println(err)
	// Output:
	// from another thread, on the only worker
	// <nil>
}

func ExampleWithName() {
	th := gv.Go(func(context.Context) error { return nil }, gv.WithName("indexer"))
	fmt.Println(th.Name(), th.Wait())
	// Output: indexer <nil>
}

// The order in which threads run is that of their priorities.
func ExampleWithPriority() {
	rt, err := gv.New(gv.Config{Workers: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close()
	rt.Run(func(context.Context) error {
		for _, p := range []gv.Priority{gv.Low, gv.Normal, gv.High} {
			gv.Go(func(context.Context) error {
				fmt.Println(p)
				return nil
			}, gv.WithPriority(p))
		}
		return nil
	}, gv.WithPriority(gv.Critical))
	// Output:
	// High
	// Normal
	// Low
}

func ExamplePriorityOf() {
	fmt.Println(gv.PriorityOf())
	fmt.Println(gv.PriorityOf(gv.WithName("report"), gv.WithPriority(gv.Low)))
	// Output:
	// Normal
	// Low
}

func ExampleWithContext() {
	type user struct{}
	ctx, cancel := context.WithCancelCause(context.WithValue(context.Background(), user{}, "gopher"))
	th := gv.Go(func(ctx context.Context) error {
		fmt.Println(ctx.Value(user{}))
		cancel(errors.New("the client has gone"))
		<-ctx.Done()
		fmt.Println(ctx.Err(), "because", context.Cause(ctx))
		return gv.Sleep(time.Hour)
	}, gv.WithContext(ctx))
	fmt.Println(th.Wait())
	// Output:
	// gopher
	// context canceled because the client has gone
	// gv: thread cancelled: the client has gone
}

func ExampleWithContext_timeout() {
	c := gv.NewChan[int](0)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	err := gv.Do(func(context.Context) error {
		_, err := c.Recv() // for a millisecond
		return err
	}, gv.WithContext(ctx))
	fmt.Println(err, errors.Is(err, context.DeadlineExceeded))
	// Output:
	// gv: thread cancelled: context deadline exceeded true
}

func ExampleThread_Cancel() {
	parent := gv.Go(func(context.Context) error {
		child := gv.Go(func(context.Context) error { return gv.Sleep(time.Hour) })
		gv.Sleep(time.Hour)
		<-child.Done() // cancelled with its parent
		return child.Err()
	})
	parent.Cancel(errors.New("enough"))
	err := parent.Wait()
	fmt.Println(err)
	fmt.Println(errors.Is(err, gv.ErrCancelled), errors.Is(err, context.Canceled))
	// Output:
	// gv: thread cancelled: enough
	// true true
}

// Wait returns what became of the thread, also if it panicked.
func ExampleThread_Wait() {
	th := gv.Go(func(context.Context) error {
		panic("out of luck")
	})
	var p *gv.PanicError
	if errors.As(th.Wait(), &p) {
		fmt.Println(p.Value)
	}
	// Output: out of luck
}

func ExampleThread_SetPriority() {
	th := gv.Go(func(context.Context) error {
		me := gv.Current()
		me.SetPriority(gv.Low) // the urgent part is done
		fmt.Println(me.Priority())
		return nil
	}, gv.WithPriority(gv.Critical))
	fmt.Println(th.Wait())
	// Output:
	// Low
	// <nil>
}

func ExampleRuntime_Stats() {
	rt, err := gv.New(gv.Config{Workers: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 3 {
		rt.Go(func(context.Context) error { return nil })
	}
	rt.Close()
	s := rt.Stats()
	fmt.Println(s.Workers, s.Threads, s.Started, s.Finished)
	// Output: 2 0 3 3
}

func ExampleRuntime_Capabilities() {
	rt, err := gv.New(gv.Config{Engine: gv.Portable})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close()
	c := rt.Capabilities()
	fmt.Println(c.Engine, c.EngineReason)
	fmt.Println(c.Forced, c.ForcedReason)
	// Output:
	// Portable Config.Engine is Portable
	// false the Portable engine leaves it to Go, which gives each goroutine 10 ms at a time
}
