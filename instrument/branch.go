package instrument

import (
	"slices"

	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// maxBranches is how many branches of a loop get a safepoint before one at the
// beginning of its body is better.
const maxBranches = 8

// rare finds the branches of a loop that must pass a safepoint so that all other
// ways round are tight and bounded by data. It returns nil if there are none, or
// if that takes more than a safepoint in every round does.
//
// A scanner that looks for a character goes over the others as fast as without any
// safepoint, and passes one where it has found something to do.
func (u *unit) rare(f *function, l *loop, cut flow.Set) []*flow.Branch {
	if l.edge.First == nil {
		return nil
	}
	open := l.edge.Open(l.region, cut)
	var found []*flow.Branch
	for _, b := range f.graph.Blocks {
		if !open[b] || !u.heavy(f, l, b) {
			continue
		}
		if b.In == nil || b.In.Node.Pos() <= l.edge.Body.Lbrace || b.In.Node.End() > l.edge.Body.Rbrace {
			return nil // it is on every way
		}
		found = append(found, b.In)
	}
	found = outermost(found)
	if len(found) == 0 || len(found) > maxBranches {
		return nil
	}
	for _, br := range found {
		cut = with(cut, br.First)
	}
	if l.edge.Covered(l.region, cut) {
		return nil
	}
	rest := l.edge.Open(l.region, cut)
	l = u.part(f, l, rest)
	if cost, bounded := u.pathCost(f, l.edge.Head, rest, l); !bounded || cost > tightRound || l.bound != byData {
		return nil
	}
	return found
}

// heavy tells whether a block of a loop takes long, or nobody knows how long.
func (u *unit) heavy(f *function, l *loop, b *flow.Block) bool {
	for _, e := range f.graph.Loops {
		if inner := f.loops[e]; inner.edge != l.edge && e.Head == b && l.holds(inner) && !l.shares(inner) && (inner.bound != byConst || e.First == nil) {
			return true
		}
	}
	cost := 0
	for _, n := range b.Nodes {
		cost += u.nodeCost(n)
	}
	for _, c := range f.calls[b] {
		n, bounded := u.callCost(c)
		if cost += n; !bounded {
			return true
		}
	}
	return cost > tightRound
}

// outermost returns the branches that are in none of the others, each once.
func outermost(in []*flow.Branch) []*flow.Branch {
	all := map[*flow.Branch]bool{}
	for _, b := range in {
		all[b] = true
	}
	var out []*flow.Branch
	for _, b := range in {
		within := slices.Contains(out, b)
		for o := b.Outer; o != nil; o = o.Outer {
			within = within || all[o]
		}
		if !within {
			out = append(out, b)
		}
	}
	return out
}
