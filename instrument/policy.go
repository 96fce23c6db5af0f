package instrument

import (
	"fmt"
	"strings"

	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// A Policy decides which back-edges get a safepoint, and in which form.
type Policy struct {
	// Name is "default", "strict" or "full".
	Name string
	// Recursion also cuts cycles of calls, with a safepoint at a function's entry.
	Recursion bool
	// Generated also looks into generated files.
	Generated bool
}

// DefaultPolicy checks every loop that can run for long, except tight loops over
// data in memory.
//
// In such a loop the check would cost more than the work: Go keeps no register
// across a call, even one that is not taken. The loop ends with its data, the
// loop around it has a safepoint, and should the data be very large, a forced
// preemption serves.
var DefaultPolicy = Policy{Name: "default", Recursion: true}

// PolicyNames lists what Policy.Name can be.
var PolicyNames = []string{"default", "strict", "full"}

// Validate tells whether the policy's name is known.
func (p Policy) Validate() error {
	for _, n := range PolicyNames {
		if p.Name == n {
			return nil
		}
	}
	return fmt.Errorf("unknown policy %q; choose one of %s", p.Name, strings.Join(PolicyNames, ", "))
}

// The limits of the policies, in units of the cost model.
const (
	// shortLoop is the most that all rounds of a loop of constant length may
	// take together for it to need no check: about 30 µs.
	shortLoop = 100_000
	// fewRounds is how many rounds of calls are no more than the calls would be
	// if they were written out.
	fewRounds = 16
	// tightRound is the most that a round may take, on its longest way, for the loop
	// to count as tight: about 100 ns. Most rounds take a small part of that, and
	// a check would cost some percent.
	tightRound = 320
	// strideRound is the most that a round may take for a check every 1024th
	// round to be enough: 1024 of them take about 50 µs.
	strideRound = 160
)

// choose decides about a loop that has a way round without a safepoint. cut holds
// the blocks that pass one: only the ways round them count.
func (u *unit) choose(f *function, l *loop, cut flow.Set) (d Decision, form Form, class, reason string) {
	open := l.edge.Open(l.region, cut)
	if len(open) < len(l.region) && l.edge.First != nil {
		l = u.part(f, l, open)
	}
	cost, bounded := u.pathCost(f, l.edge.Head, open, l)
	tight := bounded && cost <= tightRound
	canStride := bounded && cost <= strideRound && l.counter != nil
	if u.policy.Name == "full" {
		return Missing, Check, "", "every back-edge is checked"
	}
	if bounded && l.bound == byConst && l.edge.First != nil && l.trips <= shortLoop && int64(cost)*max(l.trips, 1) <= shortLoop {
		return Exempt, None, "constant", fmt.Sprintf("at most %d short rounds, bounded by %s", l.trips, l.why)
	}
	if l.bound == byConst && l.edge.First != nil && l.trips <= fewRounds && len(l.nested) == 0 && u.policy.Name == "default" {
		return Exempt, None, "constant", fmt.Sprintf("at most %d rounds, bounded by %s", l.trips, l.why)
	}
	if tight && l.bound == byData && l.edge.First != nil {
		if u.policy.Name == "default" {
			return Exempt, None, "data", "tight wherever it passes no safepoint, and bounded by " + l.why
		}
		if canStride {
			return Missing, Stride, "", "a tight loop, bounded by " + l.why
		}
	}
	switch {
	case canStride:
		return Missing, Stride, "", "a tight loop that nothing in memory bounds"
	case !bounded:
		return Missing, Check, "", "it calls or contains code that can run for long"
	case l.bound == unbounded:
		return Missing, Check, "", "nothing in memory bounds its rounds"
	}
	return Missing, Check, "", "its rounds are long"
}
