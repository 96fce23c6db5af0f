package instrument

import (
	"fmt"
	"go/ast"
	"go/token"

	"github.com/gvthread/gvthread/instrument/internal/flow"
)

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
	enter := func(f *function, reason string) {
		f.entry, f.yield = true, true
		site(f, Missing, Check, "", reason)
	}
	gone := map[*function]bool{}
	for _, f := range u.funcs {
		if f.obj != nil && u.entries[f.obj.FullName()] && f.cannot == nil {
			gone[f] = true
			enter(f, "it is on a cycle of calls")
		}
	}
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
			reason := "it calls itself"
			if len(scc) > 1 {
				reason = fmt.Sprintf("it is on a cycle of calls with %d more functions", len(scc)-1)
			}
			enter(f, reason)
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

// entered returns the full names of the declared functions that are to get a safepoint
// at their entry.
func (u *unit) entered() map[string]bool {
	names := map[string]bool{}
	for _, f := range u.funcs {
		if f.entry && f.obj != nil {
			names[f.obj.FullName()] = true
		}
	}
	return names
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
		reach := flow.Forward(f.graph.Entry, nil, cut)
		edge := flow.Set{f.graph.Entry: true}
		for b := range reach {
			edge[b] = true
			for _, e := range b.Succs {
				edge[e] = true
			}
		}
		for _, b := range f.graph.Blocks {
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
