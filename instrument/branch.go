package instrument

import "slices"

// maxBranches is how many branches of a loop get a safepoint before one at the
// beginning of its body is better.
const maxBranches = 8

// rare finds the branches of a loop that must pass a safepoint so that all other
// ways round are tight and bounded by data. It returns nil if there are none, or
// if that takes more than a safepoint in every round does.
//
// A scanner that looks for a character goes over the others as fast as without any
// safepoint, and passes one where it has found something to do.
func (u *unit) rare(f *function, l *loop, cut map[*block]bool) []*branch {
	if l.edge.first == nil {
		return nil
	}
	open := l.edge.openRegion(l.region, cut)
	var found []*branch
	for _, b := range f.graph.blocks {
		if !open[b] || !u.heavy(f, l, b) {
			continue
		}
		if b.in == nil || b.in.node.Pos() <= l.edge.body.Lbrace || b.in.node.End() > l.edge.body.Rbrace {
			return nil // it is on every way
		}
		found = append(found, b.in)
	}
	found = outermost(found)
	if len(found) == 0 || len(found) > maxBranches {
		return nil
	}
	for _, br := range found {
		cut = with(cut, br.first)
	}
	if l.edge.coveredBy(l.region, cut) {
		return nil
	}
	rest := l.edge.openRegion(l.region, cut)
	l = u.part(f, l, rest)
	if cost, bounded := u.pathCost(f, l.edge.head, rest, l); !bounded || cost > tightRound || l.bound != byData {
		return nil
	}
	return found
}

// heavy tells whether a block of a loop takes long, or nobody knows how long.
func (u *unit) heavy(f *function, l *loop, b *block) bool {
	for _, e := range f.graph.backs {
		if inner := f.loops[e]; inner.edge != l.edge && e.head == b && l.holds(inner) && !l.shares(inner) && (inner.bound != byConst || e.first == nil) {
			return true
		}
	}
	cost := 0
	for _, n := range b.nodes {
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
func outermost(in []*branch) []*branch {
	all := map[*branch]bool{}
	for _, b := range in {
		all[b] = true
	}
	var out []*branch
	for _, b := range in {
		within := slices.Contains(out, b)
		for o := b.outer; o != nil; o = o.outer {
			within = within || all[o]
		}
		if !within {
			out = append(out, b)
		}
	}
	return out
}
