package main

import (
	"strings"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A kind is a kind of work: round does it once, in the i-th thread of a crew. Its only
// error is that of a call in a thread that is cancelled.
type kind struct {
	name  string
	round func(g *ground, c *crew, i int) error
}

var kinds = []kind{
	{"spin", func(*ground, *crew, int) error {
		compute()
		return nil
	}},
	{"safepoint", func(*ground, *crew, int) error {
		gv.Safepoint()
		compute()
		return nil
	}},
	{"yield", func(*ground, *crew, int) error {
		gv.Yield()
		return nil
	}},
	{"sleep", func(*ground, *crew, int) error {
		return gv.Sleep(time.Millisecond)
	}},
	{"block", func(*ground, *crew, int) error {
		time.Sleep(time.Millisecond)
		return nil
	}},
	{"lock", func(g *ground, _ *crew, _ int) error {
		g.lock.Lock()
		compute()
		g.lock.Unlock()
		return gv.Sleep(time.Millisecond)
	}},
	{"channel", func(_ *ground, c *crew, i int) error {
		token, err := c.ring[i].Recv()
		if err != nil {
			return err
		}
		return c.ring[(i+1)%len(c.ring)].Send(token)
	}},
}

// works lists the kinds.
func works() string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return strings.Join(names, ", ")
}

// compute takes some 10 µs, without a safepoint. What it returns keeps the compiler from
// leaving it out.
//
//go:noinline
func compute() (x uint64) {
	x = 1
	for range 5000 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}
