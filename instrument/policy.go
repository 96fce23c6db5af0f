package instrument

import (
	"fmt"
	"slices"
	"strings"
)

// A Policy decides which back-edges get a safepoint, and in which form. It is a subset of
// [Rules].
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

// everyPolicy stands for all names.
const everyPolicy = "all"

// Validate tells whether the policy's name is known.
func (p Policy) Validate() error {
	if !slices.Contains(PolicyNames, p.Name) {
		return fmt.Errorf("unknown policy %q; choose one of %s", p.Name, strings.Join(PolicyNames, ", "))
	}
	return nil
}

// has tells whether a rule is one of the policy's.
func (p Policy) has(r *Rule) bool {
	switch {
	case r.Name == "generated" && p.Generated, r.Name == "recursion" && !p.Recursion:
		return false
	}
	return r.in == everyPolicy || slices.Contains(strings.Split(r.in, ", "), p.Name)
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
