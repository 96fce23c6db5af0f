package main

import (
	"context"
	"fmt"
	"net/http"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvhttp"
)

// threads is the server with gvthread: requests in Critical threads, the
// background in Low ones.
type threads struct {
	rt    *gv.Runtime
	loops []*gv.Thread
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
	return &threads{rt: rt}, nil
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
}

func (t *threads) close() error {
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

func (t *threads) preemptions() (cooperative, forced uint64) {
	s := t.rt.Stats()
	return s.Cooperative, s.Forced
}
