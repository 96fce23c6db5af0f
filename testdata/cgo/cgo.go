// Cgo runs threads that call C, and are called back by C, and ends with 1 if
// something of it went wrong. A thread in a callback is locked to its OS thread. With -slots
// they run on stack slots, too, which need GODEBUG=gcshrinkstackoff=1 in the environment.
package main

/*
#cgo LDFLAGS: -pthread
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

extern uint64_t callback(uint64_t what, uint64_t n);

static uint64_t add(uint64_t n) { return n + 1; }

static uint64_t call(uint64_t what, uint64_t n) { return callback(what, n) + 1; }

static void rest(unsigned us) { usleep(us); }

static void *start(void *what) {
	return (void *)(uintptr_t)callback((uint64_t)(uintptr_t)what, 7);
}

// foreign calls back from a thread that Go knows nothing of.
static uint64_t foreign(uint64_t what) {
	pthread_t t;
	void *result = NULL;
	if (pthread_create(&t, NULL, start, (void *)(uintptr_t)what) != 0) abort();
	pthread_join(t, &result);
	return (uint64_t)(uintptr_t)result;
}
*/
import "C"

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	goruntime "runtime"
	"runtime/cgo"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

//export callback
func callback(what, n C.uint64_t) C.uint64_t {
	return C.uint64_t(cgo.Handle(what).Value().(func(uint64) uint64)(uint64(n)))
}

// through calls fn from C that it calls.
func through(fn func(uint64) uint64, n uint64) uint64 {
	h := cgo.NewHandle(fn)
	defer h.Delete()
	return uint64(C.call(C.uint64_t(h), C.uint64_t(n)))
}

// checks are run as threads, many of each at once.
var checks = []struct {
	name string
	do   func(*gv.Runtime) error
}{
	{"calls", calls}, {"callbacks", callbacks}, {"deep", deep}, {"panics", panics},
	{"loops", loops}, {"cancels", cancels}, {"foreign", foreign}, {"blocks", blocks},
}

// calls switches between calls.
func calls(*gv.Runtime) error {
	n := C.uint64_t(0)
	for range 100 {
		n = C.add(n)
		gv.Yield()
	}
	return want(uint64(n), 100)
}

// callbacks does in a callback what threads do.
func callbacks(rt *gv.Runtime) error {
	me := gv.Current()
	c := gv.NewChan[uint64](0)
	var m gv.Mutex
	got := through(func(n uint64) uint64 {
		if gv.Current() != me {
			return 0
		}
		gv.Yield()
		_ = gv.Sleep(time.Millisecond)
		t := gv.Go(func(context.Context) error { return c.Send(through(double, n)) })
		m.Lock()
		n, _ = c.Recv()
		m.Unlock()
		if t.Wait() != nil {
			return 0
		}
		gv.Block(func() { time.Sleep(time.Millisecond) })
		return n
	}, 21)
	return want(got, 21*2+2)
}

func double(n uint64) uint64 {
	gv.Yield()
	return 2 * n
}

// deep goes to and fro, and switches at each level.
func deep(*gv.Runtime) error {
	var down func(uint64) uint64
	down = func(n uint64) uint64 {
		gv.Yield()
		if n == 0 {
			goruntime.GC()
			return 0
		}
		n = through(down, n-1)
		gv.Yield()
		return n
	}
	return want(down(20), 20)
}

// panics leaves C by a panic.
func panics(*gv.Runtime) (err error) {
	problem := errors.New("expected")
	defer func() {
		if v := recover(); v != problem {
			err = fmt.Errorf("recovered %v", v)
		}
		gv.Yield()
	}()
	through(func(uint64) uint64 {
		gv.Yield()
		panic(problem)
	}, 1)
	return errors.New("no panic")
}

// loops is preempted in a callback, without a safepoint: by force, or by Go.
func loops(rt *gv.Runtime) error {
	var stop atomic.Bool
	for range rt.Stats().Workers {
		rt.Go(func(context.Context) error {
			through(func(uint64) uint64 {
				for !stop.Load() {
				}
				return 0
			}, 1)
			return nil
		}, gv.WithPriority(gv.Low))
	}
	err := gv.Sleep(2 * time.Millisecond)
	stop.Store(true)
	return err
}

// cancels wakes a thread that sleeps in a callback.
func cancels(rt *gv.Runtime) error {
	asleep := make(chan struct{})
	t := rt.Go(func(context.Context) (err error) {
		through(func(uint64) uint64 {
			close(asleep)
			err = gv.Sleep(time.Hour)
			return 0
		}, 1)
		return err
	})
	gv.Block(func() { <-asleep })
	t.Cancel(nil)
	if err := t.Wait(); !errors.Is(err, gv.ErrCancelled) {
		return fmt.Errorf("cancelled in a callback: %v", err)
	}
	return nil
}

// foreign is called back on a thread of C's own, which is no gvthread.
func foreign(rt *gv.Runtime) error {
	fn := func(n uint64) uint64 {
		if gv.Current() != nil {
			return 0
		}
		gv.Yield()
		gv.Safepoint()
		var m uint64
		if rt.Go(func(context.Context) error { m = through(double, n); return nil }).Wait() != nil {
			return 0
		}
		return m
	}
	h := cgo.NewHandle(fn)
	defer h.Delete()
	return want(uint64(C.foreign(C.uint64_t(h))), 15)
}

// blocks sits in C, which must not keep the workers from others.
func blocks(rt *gv.Runtime) error {
	C.rest(2000)
	for range rt.Stats().Workers {
		rt.Go(func(context.Context) error { C.rest(20_000); return nil })
	}
	return rt.Go(func(context.Context) error { gv.Yield(); return nil }).Wait()
}

func want(got, want uint64) error {
	if got != want {
		return fmt.Errorf("got %d, want %d", got, want)
	}
	return nil
}

func main() {
	slots := flag.Bool("slots", false, "run the threads on stack slots, too")
	flag.Parse()
	time.AfterFunc(time.Minute, func() { panic("hangs") })
	go func() {
		for {
			goruntime.GC()
			time.Sleep(time.Millisecond)
		}
	}()
	configs := []gv.Config{{}, {Engine: gv.Portable}}
	if *slots {
		configs = append(configs, gv.Config{Stacks: gv.SlotStacks})
	}
	for _, c := range configs {
		for _, c.Workers = range []int{1, 2, 4} {
			if err := play(c); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
	}
}

func play(c gv.Config) error {
	rt, err := gv.New(c)
	if err != nil {
		return err
	}
	var failed []error
	for i, check := range checks {
		var ts []*gv.Thread
		for n := range 8 {
			ts = append(ts, rt.Go(func(context.Context) error { return check.do(rt) },
				gv.WithPriority(gv.Priority((i+n)%3))))
		}
		for _, t := range ts {
			if err := t.Wait(); err != nil {
				failed = append(failed, fmt.Errorf("%s, %d workers: %w", check.name, c.Workers, err))
			}
		}
	}
	if err := rt.Close(); err != nil {
		failed = append(failed, err)
	}
	caps, s := rt.Capabilities(), rt.Stats()
	fmt.Printf("%v, %v, %d workers: %d switches, %d forced, %d hand-offs %s%s\n",
		caps.Engine, c.Stacks, c.Workers, s.Switches, s.Forced, s.Handoffs, caps.EngineReason, caps.ForcedReason)
	return errors.Join(failed...)
}
