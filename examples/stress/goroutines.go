package main

import (
	"context"
	"sync"
	"time"
)

// goroutines is the crew of goroutines.
type goroutines struct {
	*shared
	gate   chan struct{}
	ctx    context.Context
	cancel context.CancelFunc
	all    sync.WaitGroup
}

func newGoroutines(s *shared) *goroutines {
	g := &goroutines{shared: s, gate: make(chan struct{})}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	return g
}

func (g *goroutines) start(i int) {
	g.all.Go(g.member(i))
}

// member returns what goroutine i runs.
func (g *goroutines) member(i int) func() {
	switch g.way {
	case waySleep:
		return func() {
			g.arrived.Add(1)
			time.Sleep(time.Until(g.end))
			g.over(i)
		}
	case wayCancel:
		return func() {
			g.arrived.Add(1)
			select {
			case <-g.ctx.Done():
			case <-time.After(hour):
			}
			g.over(i)
		}
	}
	return func() {
		g.arrived.Add(1)
		<-g.gate
		g.over(i)
	}
}

func (g *goroutines) settle() error {
	time.Sleep(10 * time.Millisecond) // the last of them block; nobody can see it
	return nil
}

func (g *goroutines) wake() error {
	switch g.way {
	case wayGate:
		close(g.gate)
	case wayCancel:
		g.cancel()
	}
	g.all.Wait()
	return nil
}

func (g *goroutines) close() error {
	g.cancel()
	return nil
}
