package main

import (
	"net/http"
	"sync"
	"time"
)

// A system is a way to run requests and background work side by side.
type system interface {
	// handler returns h as the system serves it.
	handler(h http.Handler) http.Handler
	// start starts n background loops, which call turn until it reports false.
	start(n int, turn func() bool)
	// close waits for the loops, which have been told to end.
	close() error
	// engine describes what the loops run on, "" for plain goroutines.
	engine() string
	// counts returns what is known of the threads.
	counts() counts
}

// counts are what a system of threads has counted.
type counts struct {
	Cooperative, Forced int64 // preemptions
	// Woken counts the times that a Critical thread has slept, if it was to, and Late
	// those after which it went on too late.
	Woken, Late int64
	Monitor     time.Duration // its processor time; 0 if it is not known
}

// plus returns c + n·d.
func (c counts) plus(n int64, d counts) counts {
	return counts{
		Cooperative: c.Cooperative + n*d.Cooperative,
		Forced:      c.Forced + n*d.Forced,
		Woken:       c.Woken + n*d.Woken,
		Late:        c.Late + n*d.Late,
		Monitor:     c.Monitor + time.Duration(n)*d.Monitor,
	}
}

// newSystem returns the system that task asks for.
func newSystem(task serverTask) (system, error) {
	switch task.Mode {
	case modeThreads:
		return newThreads(task)
	case modeNiced:
		return newNiced(task)
	case modeLimited:
		return &goroutines{turns: make(chan struct{}, max(1, task.Workers-1))}, nil
	case modeIdle:
		return &idle{}, nil
	default:
		return &goroutines{}, nil
	}
}

// idle is the server with nothing to do but to answer: what is slow then is not for a
// scheduler to mend.
type idle struct{ goroutines }

func (*idle) start(int, func() bool) {}

// goroutines is what there is without gvthread.
type goroutines struct {
	// turns, if not nil, is a semaphore: it keeps a processor free for the
	// requests by letting only so many of the loops work at a time.
	turns chan struct{}
	loops sync.WaitGroup
}

func (g *goroutines) handler(h http.Handler) http.Handler { return h }

func (g *goroutines) start(n int, turn func() bool) {
	if g.turns != nil {
		unlimited := turn
		turn = func() bool {
			g.turns <- struct{}{}
			defer func() { <-g.turns }()
			return unlimited()
		}
	}
	for range n {
		g.loops.Go(func() {
			for turn() {
			}
		})
	}
}

func (g *goroutines) close() error {
	g.loops.Wait()
	return nil
}

func (g *goroutines) engine() string { return "" }

func (g *goroutines) counts() counts { return counts{} }
