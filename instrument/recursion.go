package instrument

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// A callGraph tells whom a function can call.
type callGraph map[*code.Function][]*code.Function

func (g callGraph) next(f *code.Function) []*code.Function { return g[f] }

// recursion finds the cycles of calls, and chooses functions to cut them at: those that
// entries names, and as many more as it takes.
func (u *unit) recursion(entries map[string]bool) []*Site {
	all, open := u.callGraph(true), u.callGraph(false)
	cycles := map[*code.Function]int{} // 0 for functions on none
	for i, cycle := range flow.Cycles(u.Funcs, all.next) {
		for _, f := range cycle {
			cycles[f] = i + 1
		}
	}
	sites := map[*code.Function]*Site{}
	enter := func(f *code.Function, cycle string) {
		s := u.functionCandidate(f, cycle).decide()
		if sites[f] = s; s.Form == Check {
			s.point, u.entered[f] = entryOf(f, func(to *code.Function) bool { return cycles[f] == 0 || cycles[f] == cycles[to] })
		}
	}
	holds := map[*code.Function]bool{}
	for _, f := range u.Funcs {
		holds[f] = u.functionCandidate(f, "calls itself").decide().Form == Check
		switch {
		case !holds[f]:
		case f.Obj != nil && entries[f.Obj.FullName()]:
			enter(f, "is on a cycle of calls")
		case slices.Contains(open[f], f):
			enter(f, "calls itself") // no other function can cut that cycle
		}
	}
	var cut func(funcs []*code.Function)
	cut = func(funcs []*code.Function) {
		for _, cycle := range flow.Cycles(funcs, open.without(sites, funcs)) {
			f := open.pickCut(cycle, holds)
			if len(cycle) == 1 {
				enter(f, "calls itself")
			} else {
				enter(f, fmt.Sprintf("is on a cycle of calls with %d more functions", len(cycle)-1))
			}
			cut(cycle)
		}
	}
	cut(u.Funcs)
	var out []*Site
	for _, f := range u.Funcs {
		if cycles[f] != 0 && sites[f] == nil {
			sites[f] = u.functionCandidate(f, "").decide()
		}
		if sites[f] != nil {
			out = append(out, sites[f])
		}
	}
	return out
}

// enteredNames returns the full names of the declared functions that are to get a
// safepoint that cuts cycles of calls.
func (u *unit) enteredNames() map[string]bool {
	names := map[string]bool{}
	for f := range u.entered {
		if f.Obj != nil {
			names[f.Obj.FullName()] = true
		}
	}
	return names
}

// without returns the part of a graph that is among some functions, and avoids those of
// sites.
func (g callGraph) without(sites map[*code.Function]*Site, among []*code.Function) func(*code.Function) []*code.Function {
	in := map[*code.Function]bool{}
	for _, f := range among {
		in[f] = sites[f] == nil
	}
	return func(f *code.Function) []*code.Function {
		if !in[f] {
			return nil
		}
		return slices.DeleteFunc(slices.Clone(g[f]), func(c *code.Function) bool { return !in[c] })
	}
}

// callGraph returns who can call whom: always, or without passing a safepoint on
// the way from the caller's entry to the call.
func (u *unit) callGraph(always bool) callGraph {
	g := callGraph{}
	for _, f := range u.Funcs {
		cut := u.cuts(f)
		if always {
			cut = nil
		}
		// A block that holds a safepoint may call something before it.
		reach := flow.Forward(f.Graph.Entry, nil, cut)
		edge := flow.Set{f.Graph.Entry: true}
		for b := range reach {
			edge[b] = true
			for _, e := range b.Succs {
				edge[e] = true
			}
		}
		for _, b := range f.Graph.Blocks {
			if !edge[b] {
				continue
			}
			for _, c := range f.Calls[b] {
				g[f] = append(g[f], c.Funcs...)
				if !always && c.Sure && u.yields(c) {
					break
				}
			}
		}
	}
	return g
}

// pickCut chooses the function of a cycle that gets the safepoint: the busiest of those
// that hold one, or else the first.
func (g callGraph) pickCut(cycle []*code.Function, holds map[*code.Function]bool) *code.Function {
	in, into := map[*code.Function]bool{}, map[*code.Function]int{}
	for _, f := range cycle {
		in[f] = true
	}
	for _, f := range cycle {
		for _, c := range g[f] {
			into[c]++
		}
	}
	busy := func(f *code.Function) int {
		if !holds[f] {
			return 0
		}
		out := 0
		for _, c := range g[f] {
			if in[c] {
				out++
			}
		}
		return 1 + out*into[f]
	}
	return slices.MinFunc(cycle, func(a, b *code.Function) int {
		return cmp.Or(cmp.Compare(busy(b), busy(a)), cmp.Compare(a.Pos(), b.Pos()))
	})
}
