package main

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A ground is where the crews are at work.
type ground struct {
	rt      *gv.Runtime
	crews   []*crew
	threads []*gv.Thread
	lock    gv.Mutex
	over    atomic.Bool

	began time.Time
	last  gv.Stats // when it was printed last
}

// A crew is some threads that do the same work.
type crew struct {
	spec
	ring []*gv.Chan[struct{}] // one for each thread, and a token in the first

	// Of the rounds that have ended since the last line was printed.
	rounds  atomic.Int64
	longest atomic.Int64 // nanoseconds
	// Of those before.
	total int64
	worst time.Duration
}

// start starts the threads of a mix.
func start(rt *gv.Runtime, m mix) *ground {
	g := &ground{rt: rt, began: time.Now(), last: rt.Stats()}
	for _, s := range m {
		c := &crew{spec: s}
		for range s.threads {
			c.ring = append(c.ring, gv.NewChan[struct{}](1))
		}
		// The buffer has room for it.
		if err := c.ring[0].TrySend(struct{}{}); err != nil {
			panic(err)
		}
		k := kinds[slices.IndexFunc(kinds, func(k kind) bool { return k.name == s.work })]
		for i := range s.threads {
			g.threads = append(g.threads, rt.Go(func(context.Context) error { return g.work(k, c, i) },
				gv.WithPriority(s.priority), gv.WithName(s.work)))
		}
		g.crews = append(g.crews, c)
	}
	return g
}

// work does rounds in the i-th thread of a crew, until all is over.
func (g *ground) work(k kind, c *crew, i int) error {
	for began := time.Now(); !g.over.Load(); {
		if err := k.round(g, c, i); err != nil {
			return err
		}
		now := time.Now()
		c.note(now.Sub(began))
		began = now
	}
	return nil
}

// note counts a round.
func (c *crew) note(took time.Duration) {
	c.rounds.Add(1)
	for {
		longest := c.longest.Load()
		if int64(took) <= longest || c.longest.CompareAndSwap(longest, int64(took)) {
			return
		}
	}
}

// take returns what has been noted since the last call.
func (c *crew) take() (rounds int64, longest time.Duration) {
	rounds, longest = c.rounds.Swap(0), time.Duration(c.longest.Swap(0))
	c.total += rounds
	c.worst = max(c.worst, longest)
	return rounds, longest
}

// stop ends all threads. That they were cancelled is no error.
func (g *ground) stop() (err error) {
	g.over.Store(true)
	for _, t := range g.threads {
		t.Cancel(nil)
	}
	for _, t := range g.threads {
		if e := t.Wait(); !errors.Is(e, gv.ErrCancelled) {
			err = errors.Join(err, e)
		}
	}
	return err
}
