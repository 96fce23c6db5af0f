package instrument

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gvthread/gvthread/instrument/internal/bound"
)

// A Rule decides about the back-edges for which it holds. Of the rules of a policy the
// first that holds is the one that counts.
type Rule struct {
	Name     string
	Decision Decision
	Form     Form   // of the safepoint, if it is Missing
	Class    string // a word that stands for the reason in tables, if it is Exempt
	Reason   string // {bound}, {rounds} and the like are filled in
	What     string // which back-edges these are, for people
	Why      string // why that is decided about them, for people

	in   string // the policies that have it
	test func(*candidate) bool
}

// Rules are all rules, in order. What the command's help, the README, -json and the checker
// say about decisions is from here.
var Rules = []Rule{{
	Name: "covered", Decision: Covered, in: everyPolicy,
	Reason: "every {way} passes a safepoint",
	What:   "loops of which every way round passes a safepoint, in a function that they call or an iterator that they range over too, and functions of which every cycle of calls does",
	Why:    "there is one already",
	test:   func(c *candidate) bool { return c.covered },
}, {
	Name: "directive", Decision: Exempt, Class: "directive", in: everyPolicy,
	Reason: "{given}",
	What:   "`//gv:nosafepoint reason` on the loop's line or the one above, in the function's doc comment, or above the package clause",
	Why:    "you said so",
	test:   func(c *candidate) bool { return c.directive != nil },
}, {
	Name: "generated", Decision: Exempt, Class: "generated", in: everyPolicy,
	Reason: "the file is generated",
	What:   "generated files, unless `-generated` is set",
	Why:    "it would be overwritten",
	test:   func(c *candidate) bool { return c.file.generated },
}, {
	Name: "pragma", Decision: Exempt, Class: "pragma", in: everyPolicy,
	Reason: "the function {pragma}",
	What:   "functions marked `go:nosplit`, or with another pragma of that kind; packages that call `runtime.procPin`, by `go:linkname`",
	Why:    "they cannot hold a call, or none that may switch threads",
	test:   func(c *candidate) bool { return c.pragma != "" },
}, {
	Name: "recursion", Decision: Missing, Form: Check, in: everyPolicy,
	Reason: "it {cycle}",
	What: "one function on every cycle of calls, as far as the package shows who calls whom: through functions, methods, iterators, its own interfaces, " +
		"and functions in variables, fields and parameters, but not through slices, maps or other packages; in the branches that call alone, if others end it at once; unless `-recursion=false` is set",
	Why:  "a call that comes round again is a loop",
	test: func(c *candidate) bool { return c.loop == nil },
}, {
	Name: "every", Decision: Missing, Form: Check, in: "full",
	Reason: "every back-edge is checked",
	What:   "all other loops",
	Why:    "the policy wants it so",
	test:   func(*candidate) bool { return true },
}, {
	Name: "short", Decision: Exempt, Class: "constant", in: "default, strict",
	Reason: "at most {rounds} short rounds, bounded by {bound}",
	What:   "loops of a constant number of short rounds, loops that halve or double something, binary searches",
	Why:    "they end within about 30 µs",
	test:   (*candidate).short,
}, {
	Name: "few", Decision: Exempt, Class: "constant", in: "default",
	Reason: "at most {rounds} rounds, bounded by {bound}",
	What:   "at most " + strconv.Itoa(fewRounds) + " rounds of anything but loops",
	Why:    "they are as if the calls were written out",
	test: func(c *candidate) bool {
		return c.loop.Kind == bound.Constant && c.loop.First != nil && c.loop.Rounds <= fewRounds && len(c.loop.Inner) == 0
	},
}, {
	Name: "data", Decision: Exempt, Class: "data", in: "default",
	Reason: "tight wherever it passes no safepoint, and bounded by {bound}",
	What: "tight loops over data in memory: a range over a slice, string, array or map, a counter up to `len(x)`, an index that the bounds check would stop, " +
		"several indices of which every round moves one, a slice that shrinks in every round, one that grows, or a `strings.Builder`, an index that goes on by an unknown step which is known not to be zero " +
		"(`if inc == 0 { return }` before the loop); inner loops that go on with the same index count as one with the outer; no calls but of short leaf functions",
	Why:  "a check would cost more than the round; the loop ends with its data, and the loop around it has a safepoint",
	test: (*candidate).overData,
}, {
	Name: "strided", Decision: Exempt, Class: "data", in: "default",
	Reason: "tight, bounded by a count, and by what {steps} indexes unless the step is zero",
	What:   "tight loops that end by a count and go through data by a step of which nothing is known, as in `y[iy] += a * x[ix]; ix += incX; iy += incY`",
	Why:    "a check takes half as long again as the round; should the step be zero and the count large, a forced preemption serves",
	test:   func(c *candidate) bool { return c.tight() && c.loop.Steps != "" },
}, {
	Name: "counted", Decision: Missing, Form: Stride, in: "strict",
	Reason: "a tight loop, bounded by {bound}",
	What:   "tight loops over data in memory that count their rounds",
	Why:    "a check every 1024th round costs little",
	test:   func(c *candidate) bool { return c.overData() && c.canStride() },
}, {
	Name: "stride", Decision: Missing, Form: Stride, in: "default, strict",
	Reason: "a tight loop that nothing in memory bounds",
	What:   "other tight loops that count their rounds",
	Why:    "nothing in memory bounds them, but a check in every round would cost more than the round",
	test:   (*candidate).canStride,
}, {
	Name: "branch", Decision: Missing, Form: Branch, in: "default",
	Reason: "its other ways round are tight and bounded by data, but some call or contain code that can run for long",
	What:   "loops over data that call or loop on some ways round only, as a scanner that has found something, but not if something differs from a constant or nil, as it mostly does",
	Why:    "the check goes into those branches, and the others stay tight",
	test:   func(c *candidate) bool { return c.rare() != nil },
}, {
	Name: "calls", Decision: Missing, Form: Check, in: "default, strict",
	Reason: "it calls or contains code that can run for long",
	What:   "loops that call unknown code, or hold loops that are not short",
	Why:    "beside such a round a check costs nothing",
	test:   func(c *candidate) bool { return !c.bounded },
}, {
	Name: "unbounded", Decision: Missing, Form: Check, in: "default, strict",
	Reason: "nothing in memory bounds its rounds",
	What:   "`for {}`, loops that wait for something, goto cycles",
	Why:    "nobody knows when they end",
	test:   func(c *candidate) bool { return c.loop.Kind == bound.None },
}, {
	Name: "long", Decision: Missing, Form: Check, in: "default, strict",
	Reason: "its rounds are long",
	What:   "all other loops",
	Why:    "beside a long round a check costs nothing",
	test:   func(*candidate) bool { return true },
}}

// reason fills in what the rule says about a candidate.
func (r *Rule) reason(c *candidate) string {
	if !strings.Contains(r.Reason, "{") {
		return r.Reason
	}
	words := []string{"{way}", "cycle of calls through it", "{cycle}", c.cycle, "{pragma}", c.pragma}
	if c.loop != nil {
		words = []string{"{way}", "way round", "{pragma}", c.pragma, "{bound}", c.loop.Why, "{rounds}", fmt.Sprint(c.loop.Rounds), "{steps}", c.loop.Steps}
	}
	if c.directive != nil {
		words = append(words, "{given}", c.directive.reason)
	}
	return strings.NewReplacer(words...).Replace(r.Reason)
}

// result tells people what a rule decides.
func (r *Rule) result() string {
	switch {
	case r.Decision != Missing:
		return string(r.Decision)
	case r.Form == Stride:
		return "`if i&1023 == 0 { gv.Safepoint() }`"
	case r.Form == Branch:
		return "`gv.Safepoint()` in the branches"
	}
	return "`gv.Safepoint()`"
}

// Classes returns the words for why back-edges are exempt, each once.
func Classes() []string {
	var out []string
	for _, r := range Rules {
		if r.Class != "" && !slices.Contains(out, r.Class) {
			out = append(out, r.Class)
		}
	}
	return out
}

// RulesText returns the rules as the command's help has them.
func RulesText() string {
	var out strings.Builder
	for _, r := range Rules {
		fmt.Fprintf(&out, "  %s: %s", r.Name, r.result())
		if r.in != everyPolicy {
			fmt.Fprintf(&out, " (policy %s)", r.in)
		}
		fmt.Fprintf(&out, "\n\t%s: %s\n", r.What, r.Why)
	}
	return strings.ReplaceAll(out.String(), "`", "")
}
