package instrument

import (
	"go/ast"
	"sort"

	"github.com/gvthread/gvthread/instrument/internal/flow"
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
	returning := map[*function]flow.Set{}
	for _, f := range u.funcs {
		f.leaf = false
		returning[f] = f.graph.Returning()
	}
	for changed := true; changed; {
		changed = false
		for _, f := range u.funcs {
			if f.leaf || f.yield {
				continue
			}
			if !returning[f][f.graph.Entry] {
				continue
			}
			if cost, ok := u.pathCost(f, f.graph.Entry, returning[f], nil); ok && cost <= maxLeaf {
				f.leaf, f.cost, changed = true, cost, true
			}
		}
	}
}

func (u *unit) alwaysYields(f *function) bool {
	if u.recovers(f) {
		return f.entry || u.yieldsFirst(f)
	}
	open := flow.Forward(f.graph.Entry, nil, u.cuts(f))
	for _, b := range f.graph.Exits {
		if open[b] {
			return false
		}
	}
	return true
}

// recovers tells whether f may return although something that it calls panics: then
// nothing that it does on the way is certain.
func (u *unit) recovers(f *function) bool {
	found := false
	for _, calls := range f.calls {
		for _, c := range calls {
			found = found || c.later && u.mayRecover(c)
		}
	}
	return found
}

// mayRecover tells whether a deferred call can end a panic: only a function that
// itself calls recover does.
func (u *unit) mayRecover(c callee) bool {
	if len(c.funcs) == 1 && (c.obj != nil || ast.Unparen(c.call.Fun) == c.funcs[0].node) {
		for _, calls := range c.funcs[0].calls {
			for _, d := range calls {
				if u.builtin(d.call) == "recover" {
					return true
				}
			}
		}
		return false
	}
	// What the standard library exports is not made to be a recovering function.
	return u.builtin(c.call) == "" && (c.obj == nil || c.obj.Pkg() == nil || !Excluded(c.obj.Pkg().Path()))
}

// yieldsFirst tells whether f passes a safepoint before anything can panic.
func (u *unit) yieldsFirst(f *function) bool {
	for i, n := range f.graph.Entry.Nodes {
		switch n := n.(type) {
		case *ast.DeferStmt:
			if i > 0 && !u.cannotPanic(n.Call) {
				return false // and the first one might recover
			}
			continue
		case *ast.ExprStmt:
			call, ok := n.X.(*ast.CallExpr)
			if !ok {
				return false
			}
			fn := u.staticCallee(call)
			return fn != nil && isYielding(fn)
		}
		return false
	}
	return false
}

// cannotPanic tells whether what a defer statement evaluates is certain not to panic.
func (u *unit) cannotPanic(call *ast.CallExpr) bool {
	ok := true
	look := func(e ast.Expr) {
		ast.Inspect(e, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				ok = ok && u.info.Selections[n] == nil // a name of another package
				return false
			case *ast.FuncLit:
				return false
			case nil, *ast.Ident, *ast.BasicLit, *ast.ParenExpr:
			default:
				ok = false
			}
			return ok
		})
	}
	look(call.Fun)
	for _, arg := range call.Args {
		look(arg)
	}
	return ok
}

// cuts returns the blocks of f that hold a safepoint.
func (u *unit) cuts(f *function) flow.Set {
	cut := flow.Set{}
	if f.entry {
		cut[f.graph.Entry] = true
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
	backs := append([]*flow.Loop(nil), f.graph.Loops...)
	sort.SliceStable(backs, func(i, j int) bool {
		return len(f.loops[backs[i]].region) < len(f.loops[backs[j]].region)
	})
	for _, b := range backs {
		s := u.loopSite(f, f.loops[b], cut)
		switch s.Form {
		case Check:
			cut[s.anchorBlock(b)] = true
		case Branch:
			for _, br := range s.anchor.branches {
				cut[br.First] = true
			}
		}
		sites = append(sites, s)
	}
	return sites
}

// anchorBlock returns the block that the site's safepoint will be in.
func (s *Site) anchorBlock(b *flow.Loop) *flow.Block {
	if b.First != nil {
		return b.First
	}
	return b.Tails[0]
}

func (u *unit) loopSite(f *function, l *loop, cut flow.Set) *Site {
	s := &Site{Pos: l.edge.Stmt.Pos(), Func: f.name, file: f.file, anchor: anchorOf(l.edge)}
	switch l.edge.Stmt.(type) {
	case *ast.ForStmt:
		s.Kind = For
	case *ast.RangeStmt:
		s.Kind = Range
	case *ast.BranchStmt:
		s.Kind = Goto
	}
	direct := u.directiveAt(f.file, s.Pos)
	if l.strided != nil {
		cut = with(cut, l.strided)
	}
	switch {
	case l.edge.Covered(l.region, cut):
		s.Decision, s.Reason = Covered, "every way round passes a safepoint"
	case direct != nil:
		s.Decision, s.Class, s.Reason = Exempt, direct.class, direct.reason
	case f.cannot != nil:
		s.Decision, s.Class, s.Reason = Exempt, f.cannot.class, f.cannot.reason
	default:
		s.Decision, s.Form, s.Class, s.Reason = u.choose(f, l, cut)
		if s.Form == Check && u.policy.Name == "default" {
			if s.anchor.branches = u.rare(f, l, cut); s.anchor.branches != nil {
				s.Form, s.Reason = Branch, "its other ways round are tight and bounded by data, but some call or contain code that can run for long"
			}
		}
	}
	if s.Form == Stride {
		s.anchor.counter = l.counter.Name
	}
	return s
}

func with(set flow.Set, b *flow.Block) flow.Set {
	out := flow.Set{b: true}
	for k := range set {
		out[k] = true
	}
	return out
}
