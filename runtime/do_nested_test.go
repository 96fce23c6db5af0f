package gv_test

import (
	"context"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// Do in a thread of another runtime, which may have another engine, is as good as
// elsewhere: the worker of the inner thread is taken while that is blocked in Go.
func TestDoInThreadOfAnotherRuntime(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			defer watchdog(t)()
			outer := open(t, gv.Config{Workers: 1, Engine: engine})
			inner := open(t, gv.Config{Workers: 1})
			err := outer.Run(func(context.Context) error {
				return inner.Do(func(context.Context) error {
					c := make(chan int)
					gv.Go(func(context.Context) error { c <- 1; return nil })
					<-c
					return nil
				})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// The stack of a thread that calls Do of a runtime without a limit is none of that one's
// business, however much of it is in use.
func TestDoOfRuntimeWithoutLimit(t *testing.T) {
	onLimitedStacks(t, gv.Config{Workers: 1}, func(t *testing.T, limited *gv.Runtime) {
		free := open(t, gv.Config{Workers: 1})
		err := limited.Run(func(context.Context) error {
			return deepCall(maxStack*3/4, func() error {
				return free.Do(func(context.Context) error {
					for end := time.Now().Add(20 * time.Millisecond); time.Now().Before(end); {
						gv.Safepoint()
					}
					return nil
				})
			})
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// deepCall calls fn with so much stack in use, about.
//
//go:noinline
func deepCall(size int, fn func() error) error {
	var frame [1 << 10]byte
	frame[size%len(frame)] = 1
	if size <= 2*len(frame) {
		return fn()
	}
	err := deepCall(size-len(frame)-int(frame[size%len(frame)]), fn)
	frame[0]++
	return err
}
