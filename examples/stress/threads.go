package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// threads is the crew of threads.
type threads struct {
	*shared
	rt   *gv.Runtime
	gate *gv.Chan[struct{}]
	all  []*gv.Thread
}

// newThreads opens a runtime for n threads on stacks of a kind, and says with which engine.
func newThreads(s *shared, n int, stacks gv.StackKind) (*threads, string, error) {
	rt, err := gv.New(gv.Config{MaxThreads: n, Stacks: stacks})
	if err != nil {
		return nil, "", err
	}
	t := &threads{shared: s, rt: rt, gate: gv.NewChan[struct{}](0), all: make([]*gv.Thread, 0, n)}
	return t, rt.Capabilities().Engine.String(), nil
}

func (t *threads) start(i int) {
	t.all = append(t.all, t.rt.Go(t.member(i)))
}

// member returns what thread i runs. Like those of goroutines, these functions need little
// stack.
func (t *threads) member(i int) func(context.Context) error {
	switch t.way {
	case waySleep:
		return func(context.Context) error {
			t.arrived.Add(1)
			err := gv.Sleep(time.Until(t.end))
			return t.woken(i, err, nil)
		}
	case wayCancel:
		return func(context.Context) error {
			t.arrived.Add(1)
			err := gv.Sleep(hour)
			return t.woken(i, err, gv.ErrRuntimeClosed)
		}
	}
	return func(context.Context) error {
		t.arrived.Add(1)
		_, err := t.gate.Recv()
		return t.woken(i, err, gv.ErrClosed)
	}
}

// woken is called by thread i when its wait has ended with err.
func (t *threads) woken(i int, err, want error) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("thread %d was woken with %v, want %v", i, err, want)
	}
	t.over(i)
	return nil
}

func (t *threads) settle() error {
	if t.way == waySleep {
		return nil // they may be awake again
	}
	for _, th := range t.all {
		for th.State() != gv.StateBlocked {
			if th.State() == gv.StateDone {
				return fmt.Errorf("thread %d did not block: %w", th.ID(), th.Err())
			}
			time.Sleep(time.Millisecond)
		}
	}
	return nil
}

func (t *threads) wake() error {
	switch t.way {
	case wayGate:
		t.gate.Close()
	case wayCancel:
		if err := t.close(); err != nil {
			return err
		}
	}
	// From the last on, which ends about last: so the caller is woken once, as by a WaitGroup.
	for _, th := range slices.Backward(t.all) {
		if err := th.Wait(); err != nil {
			return err
		}
	}
	return nil
}

func (t *threads) close() error { return t.rt.Close() }
