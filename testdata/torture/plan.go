package main

import (
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"slices"
	"strings"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A plan is what a round is made of, all of it decided by the seed.
type plan struct {
	seed, round uint64
	config      gv.Config
	threads     int
	steps       int // how many actions a thread does at most
	upsets      []upset
	pace        time.Duration // what the pauses between upsets are multiplied with
	actions     []action
	weight      int // of all actions
}

// source returns the random numbers of one part of a round.
func (p *plan) source(part uint64) *rand.Rand {
	return rand.New(rand.NewPCG(p.seed^p.round<<32, part))
}

// The parts of a round that have random numbers of their own. Actors come after.
const (
	partPlan uint64 = iota
	partUpset
	partActor = 1 << 16
)

// planRound decides on a round.
func planRound(o options, n uint64) *plan {
	p := &plan{seed: o.seed, round: n}
	r := p.source(partPlan)
	p.config = gv.Config{
		Engine:        o.engine,
		Workers:       1 + r.IntN(2*goruntime.NumCPU()),
		TimeSlice:     choose(r, 200*time.Microsecond, time.Millisecond, 10*time.Millisecond),
		Grace:         choose(r, 20*time.Microsecond, 200*time.Microsecond, time.Millisecond),
		MaxWait:       choose(r, 20*time.Millisecond, 200*time.Millisecond, time.Second),
		NoForced:      r.IntN(8) == 0,
		Accounting:    r.IntN(2) == 0,
		ProfileLabels: r.IntN(2) == 0,
	}
	p.config.Slices[gv.Low] = choose(r, p.config.TimeSlice, 50*time.Millisecond)
	if r.IntN(3) == 0 {
		p.config.MinShare[gv.Low] = choose(r, 0.01, 0.2, 0.6)
		p.config.MinShare[gv.Normal] = choose(r, 0, 0.2, 0.4)
	}
	if r.IntN(6) == 0 {
		p.config.MaxThreads = 8 + r.IntN(100)
	}
	if o.workers > 0 {
		p.config.Workers = o.workers
	}
	p.threads = 1 + r.IntN(o.threads)
	p.steps = choose(r, 5, 50, 1000, 1000000)
	p.pace = choose[time.Duration](r, 1, 3, 10, 50)
	for _, a := range actions {
		// Each round leaves out some, so that those that are rare otherwise
		// come to be dense.
		if drop := r.IntN(3) == 0; o.actions.allows(a.name) && (!drop || len(o.actions.some) > 0) {
			p.actions = append(p.actions, a)
			p.weight += a.weight
		}
	}
	if len(p.actions) == 0 {
		p.actions, p.weight = actions[:1], actions[0].weight
	}
	for _, u := range upsets {
		if drop := r.IntN(2) == 0; o.upsets.allows(u.name) && (!drop || len(o.upsets.some) > 0) {
			p.upsets = append(p.upsets, u)
		}
	}
	return p
}

// upsetBy reports whether the round has the upset of that name.
func (p *plan) upsetBy(name string) bool {
	return slices.ContainsFunc(p.upsets, func(u upset) bool { return u.name == name })
}

// choose returns one of the choices.
func choose[T any](r *rand.Rand, choices ...T) T { return choices[r.IntN(len(choices))] }

func (p *plan) String() string {
	var b strings.Builder
	c := p.config
	fmt.Fprintf(&b, "round %d: %d workers, %d threads, slice %v, of Low %v, grace %v, max wait %v, shares %v, forced %v, accounting %v, labels %v, max threads %d, steps %d, pace %d\n  beside:",
		p.round, c.Workers, p.threads, c.TimeSlice, c.Slices[gv.Low], c.Grace, c.MaxWait, c.MinShare, !c.NoForced, c.Accounting, c.ProfileLabels, c.MaxThreads, p.steps, p.pace)
	for _, u := range p.upsets {
		fmt.Fprintf(&b, " %s", u.name)
	}
	b.WriteString("\n  threads:")
	for _, a := range p.actions {
		fmt.Fprintf(&b, " %s", a.name)
	}
	return b.String()
}
