package instrument

import (
	"fmt"
	"go/ast"
	"go/token"
	"sort"
)

// analyze finds all back-edges of the package and decides about each.
//
// The order matters: first what the text says as it is, then the cycles of
// calls, then the loops, which profit from safepoints at the entries of functions
// that they call.
func (u *unit) analyze() *Report {
	u.settle()
	r := &Report{}
	if u.policy.Recursion {
		r.Sites = u.recursion()
		u.settle()
	}
	for _, f := range u.funcs {
		r.Sites = append(r.Sites, u.loopSites(f)...)
	}
	u.unusedDirectives()
	r.Problems = u.direct.problems
	sort.SliceStable(r.Sites, func(i, j int) bool { return r.Sites[i].Pos < r.Sites[j].Pos })
	sort.SliceStable(r.Problems, func(i, j int) bool { return r.Problems[i].Pos < r.Problems[j].Pos })
	return r
}

// settle finds out which functions always yield, and which are leaves. Both
// begin as "no", so that a cycle of calls proves nothing about itself.
func (u *unit) settle() {
	for changed := true; changed; {
		changed = false
		for _, f := range u.funcs {
			if !f.yield && u.alwaysYields(f) {
				f.yield, changed = true, true
			}
		}
	}
	for _, f := range u.funcs {
		f.leaf = false
	}
	for changed := true; changed; {
		changed = false
		for _, f := range u.funcs {
			if f.leaf || f.yield {
				continue
			}
			if cost, ok := u.pathCost(f, f.graph.entry, nil, nil); ok && cost <= maxLeaf {
				f.leaf, f.cost, changed = true, cost, true
			}
		}
	}
}

func (u *unit) alwaysYields(f *function) bool {
	open := forward(f.graph.entry, nil, u.cuts(f))
	for _, b := range f.graph.exits {
		if open[b] {
			return false
		}
	}
	return true
}

// cuts returns the blocks of f that hold a safepoint.
func (u *unit) cuts(f *function) map[*block]bool {
	cut := map[*block]bool{}
	if f.entry {
		cut[f.graph.entry] = true
	}
	for b, calls := range f.calls {
		for _, c := range calls {
			if c.sure && u.yields(c) {
				cut[b] = true
			}
		}
	}
	return cut
}

// yields tells whether a call passes a safepoint for certain.
func (u *unit) yields(c callee) bool {
	switch {
	case c.obj != nil && isYielding(c.obj):
		return true
	case c.obj != nil && len(c.funcs) == 1:
		return c.funcs[0].yield
	case c.obj != nil:
		f := u.fact(c.obj)
		return f != nil && f.Yields
	case len(c.funcs) == 1 && ast.Unparen(c.call.Fun) == c.funcs[0].node:
		return c.funcs[0].yield // func() { … }()
	}
	return false
}

// loopSites decides about the loops of f, the inner ones first: a loop without a
// condition that gets a check also covers the loops around it.
func (u *unit) loopSites(f *function) []*Site {
	cut := u.cuts(f)
	var sites []*Site
	backs := append([]*backEdge(nil), f.graph.backs...)
	sort.SliceStable(backs, func(i, j int) bool {
		return len(f.loops[backs[i]].region) < len(f.loops[backs[j]].region)
	})
	for _, b := range backs {
		s := u.loopSite(f, f.loops[b], cut)
		if s.Decision == Missing && s.Form == Check {
			cut[s.anchorBlock(b)] = true
		}
		sites = append(sites, s)
	}
	return sites
}

// anchorBlock returns the block that the site's safepoint will be in.
func (s *Site) anchorBlock(b *backEdge) *block {
	if b.first != nil {
		return b.first
	}
	return b.tails[0]
}

func (u *unit) loopSite(f *function, l *loop, cut map[*block]bool) *Site {
	s := &Site{Pos: l.edge.stmt.Pos(), Func: f.name, file: f.file, anchor: anchor{body: l.edge.body}}
	switch stmt := l.edge.stmt.(type) {
	case *ast.ForStmt:
		s.Kind = For
	case *ast.RangeStmt:
		s.Kind = Range
	case *ast.BranchStmt:
		s.Kind, s.anchor.jump = Goto, stmt
	}
	direct := u.directiveAt(f.file, s.Pos)
	if l.strided != nil {
		cut = with(cut, l.strided)
	}
	switch {
	case l.edge.coveredBy(l.region, cut):
		s.Decision, s.Reason = Covered, "every way round passes a safepoint"
	case direct != nil:
		s.Decision, s.Class, s.Reason = Exempt, direct.class, direct.reason
	case f.cannot != nil:
		s.Decision, s.Class, s.Reason = Exempt, f.cannot.class, f.cannot.reason
	default:
		s.Decision, s.Form, s.Class, s.Reason = u.choose(f, l, cut)
	}
	if s.Form == Stride {
		s.anchor.counter = l.counter.Name
	}
	return s
}

func with(set map[*block]bool, b *block) map[*block]bool {
	out := map[*block]bool{b: true}
	for k := range set {
		out[k] = true
	}
	return out
}

// recursion finds the cycles of calls, and chooses functions to cut them at.
func (u *unit) recursion() []*Site {
	all, open := u.callGraph(true), u.callGraph(false)
	onCycle := map[*function]bool{}
	for _, scc := range components(u.funcs, all) {
		for _, f := range scc {
			onCycle[f] = true
		}
	}
	sites := map[*function]*Site{}
	site := func(f *function, d Decision, form Form, class, reason string) {
		sites[f] = &Site{Kind: Recursion, Pos: f.pos(), Func: f.name, Decision: d, Form: form, Class: class, Reason: reason, file: f.file, anchor: anchor{body: f.body}}
	}
	gone := map[*function]bool{}
	for {
		cycles := components(u.funcs, without(open, gone))
		if len(cycles) == 0 {
			break
		}
		for _, scc := range cycles {
			f := pickCut(scc, open)
			gone[f] = true
			if f.cannot != nil {
				site(f, Exempt, None, f.cannot.class, f.cannot.reason)
				continue
			}
			f.entry, f.yield = true, true
			reason := "it calls itself"
			if len(scc) > 1 {
				reason = fmt.Sprintf("it is on a cycle of calls with %d more functions", len(scc)-1)
			}
			site(f, Missing, Check, "", reason)
		}
	}
	var out []*Site
	for _, f := range u.funcs {
		if onCycle[f] && sites[f] == nil {
			site(f, Covered, None, "", "every cycle of calls through it passes a safepoint")
		}
		if sites[f] != nil {
			out = append(out, sites[f])
		}
	}
	return out
}

func (f *function) pos() token.Pos {
	if d, ok := f.node.(*ast.FuncDecl); ok {
		return d.Name.Pos()
	}
	return f.node.Pos()
}

// callGraph returns who can call whom: always, or without passing a safepoint on
// the way from the caller's entry to the call.
func (u *unit) callGraph(always bool) map[*function][]*function {
	g := map[*function][]*function{}
	for _, f := range u.funcs {
		cut := u.cuts(f)
		if always {
			cut = nil
		}
		// A block that holds a safepoint may call something before it.
		reach := forward(f.graph.entry, nil, cut)
		edge := map[*block]bool{f.graph.entry: true}
		for b := range reach {
			edge[b] = true
			for _, e := range b.succs {
				edge[e.to] = true
			}
		}
		for _, b := range f.graph.blocks {
			if !edge[b] || f.entry && !always {
				continue
			}
			for _, c := range f.calls[b] {
				g[f] = append(g[f], c.funcs...)
				if !always && c.sure && u.yields(c) {
					break
				}
			}
		}
	}
	return g
}

func without(g map[*function][]*function, gone map[*function]bool) map[*function][]*function {
	out := map[*function][]*function{}
	for f, callees := range g {
		if gone[f] {
			continue
		}
		for _, c := range callees {
			if !gone[c] {
				out[f] = append(out[f], c)
			}
		}
	}
	return out
}

// pickCut chooses the function of a cycle that gets the safepoint: one that calls
// itself, or else the busiest. A function that can hold none is the last choice.
func pickCut(scc []*function, g map[*function][]*function) *function {
	in := map[*function]bool{}
	for _, f := range scc {
		in[f] = true
	}
	into := map[*function]int{}
	for _, f := range scc {
		for _, c := range g[f] {
			into[c]++
		}
	}
	score := func(f *function) int {
		out, self := 0, 0
		for _, c := range g[f] {
			if in[c] {
				out++
			}
			if c == f {
				self = 1 << 20
			}
		}
		if f.cannot != nil {
			return 0
		}
		return 1 + self + out*into[f]
	}
	best := scc[0]
	for _, f := range scc[1:] {
		if a, b := score(f), score(best); a > b || a == b && f.pos() < best.pos() {
			best = f
		}
	}
	return best
}

// components returns the strongly connected components of g that hold a cycle.
// It is Tarjan's algorithm.
func components(nodes []*function, g map[*function][]*function) [][]*function {
	var (
		out   [][]*function
		stack []*function
		index = map[*function]int{}
		low   = map[*function]int{}
		on    = map[*function]bool{}
		visit func(f *function)
	)
	visit = func(f *function) {
		index[f] = len(index) + 1
		low[f] = index[f]
		stack, on[f] = append(stack, f), true
		self := false
		for _, c := range g[f] {
			self = self || c == f
			if index[c] == 0 {
				visit(c)
				low[f] = min(low[f], low[c])
			} else if on[c] {
				low[f] = min(low[f], index[c])
			}
		}
		if low[f] != index[f] {
			return
		}
		for i := len(stack) - 1; ; i-- {
			on[stack[i]] = false
			if stack[i] == f {
				if scc := stack[i:]; len(scc) > 1 || self {
					out = append(out, append([]*function(nil), scc...))
				}
				stack = stack[:i]
				return
			}
		}
	}
	for _, f := range nodes {
		if index[f] == 0 {
			visit(f)
		}
	}
	return out
}
