package main

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvhttp"
)

// threads is the server with gvthread: requests in Critical threads, the
// background in Low ones.
type threads struct {
	rt    *gv.Runtime
	loops []*gv.Thread

	wakes       bool
	woken, late atomic.Int64
	closing     atomic.Bool
}

func newThreads(task serverTask) (*threads, error) {
	config := gv.Config{Workers: task.Workers}
	if task.Engine == enginePortable {
		config.Engine = gv.Portable
	}
	rt, err := gv.New(config)
	if err != nil {
		return nil, err
	}
	return &threads{rt: rt, wakes: task.Wakes}, nil
}

func (t *threads) handler(h http.Handler) http.Handler { return gvhttp.Handler(t.rt, h) }

func (t *threads) start(n int, turn func() bool) {
	for range n {
		t.loops = append(t.loops, t.rt.Go(func(context.Context) error {
			for turn() {
			}
			return nil
		}, gv.WithPriority(gv.Low)))
	}
	if t.wakes {
		t.loops = append(t.loops, t.rt.Go(t.wake, gv.WithPriority(gv.Critical)))
	}
}

func (t *threads) close() error {
	t.closing.Store(true)
	for _, loop := range t.loops {
		if err := loop.Wait(); err != nil {
			return err
		}
	}
	return t.rt.Close()
}

func (t *threads) engine() string {
	c := t.rt.Capabilities()
	s := fmt.Sprintf("%v engine", c.Engine)
	if c.EngineReason != "" {
		s += " (" + c.EngineReason + ")"
	}
	if c.ForcedReason != "" {
		s += ", no forced preemption (" + c.ForcedReason + ")"
	}
	return s
}

func (t *threads) counts() counts {
	s := t.rt.Stats()
	return counts{
		Cooperative: int64(s.Cooperative),
		Forced:      int64(s.Forced),
		Woken:       t.woken.Load(),
		Late:        t.late.Load(),
		Monitor:     monitorTime(),
	}
}

const (
	wakeEvery = 5 * time.Millisecond
	lateAfter = time.Millisecond
)

// wake is a Critical thread that sleeps, and counts how often it goes on late.
func (t *threads) wake(context.Context) error {
	for !t.closing.Load() {
		due := time.Now().Add(wakeEvery)
		if err := gv.Sleep(wakeEvery); err != nil {
			return err
		}
		t.woken.Add(1)
		if time.Since(due) > lateAfter {
			t.late.Add(1)
		}
	}
	return nil
}
