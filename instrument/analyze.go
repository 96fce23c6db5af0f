package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
	"sort"

	"github.com/gvthread/gvthread/instrument/internal/bound"
	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// A unit is a package under examination, and what has been found out about it.
type unit struct {
	*code.Package
	policy Policy
	fact   func(*types.Func) *FuncFact // of other packages; nil if unknown
	files  map[*ast.File]*fileText
	loops  map[*flow.Loop]*bound.Loop
	pins   bool // it may pin goroutines to their Ps

	entered  map[*code.Function]flow.Set // where safepoints are planned that cut cycles of calls
	yielding map[*code.Function]bool     // every way through it passes a safepoint
	leaves   map[*code.Function]int      // the time of functions whose text bounds it
	pacing   map[*code.Function]bool     // as an iterator, or what it returns
}

// newUnit looks at a package.
func newUnit(fset *token.FileSet, files []*ast.File, pkg *types.Package, info *types.Info, policy Policy, fact func(*types.Func) *FuncFact) *unit {
	u := &unit{
		policy: policy, fact: fact, files: map[*ast.File]*fileText{}, loops: map[*flow.Loop]*bound.Loop{},
		entered: map[*code.Function]flow.Set{}, yielding: map[*code.Function]bool{}, pacing: map[*code.Function]bool{},
	}
	u.Package = code.Read(fset, files, pkg, info, code.Known{Yielding: isYielding, Pure: u.isPure, Endless: u.isEndless})
	for _, file := range files {
		u.files[file] = u.readText(file)
	}
	for _, f := range u.Funcs {
		for _, l := range f.Graph.Loops {
			u.loops[l] = bound.Of(u.Package, f, l)
		}
	}
	return u
}

// analyze finds all back-edges of the package and decides about each. The functions that
// entries names are to get a safepoint at their entry in any case.
//
// The order matters: first what the text says as it is, then the cycles of
// calls, then the loops, which profit from safepoints at the entries of functions
// that they call and range over.
func (u *unit) analyze(entries map[string]bool) *Report {
	u.settle()
	r := &Report{}
	if u.policy.Recursion {
		r.Sites = u.recursion(entries)
		u.settle()
	}
	used := map[*directive]bool{}
	for _, f := range u.CalleesFirst {
		r.Sites = append(r.Sites, u.loopSites(f, used)...)
	}
	for _, file := range u.Files {
		r.Problems = append(r.Problems, u.files[file].problems(used)...)
	}
	sort.SliceStable(r.Sites, func(i, j int) bool { return r.Sites[i].Pos < r.Sites[j].Pos })
	sort.SliceStable(r.Problems, func(i, j int) bool { return r.Problems[i].Pos < r.Problems[j].Pos })
	return r
}

// loopSites decides about the loops of f, the inner ones first: a loop without a
// condition that gets a check also covers the loops around it.
func (u *unit) loopSites(f *code.Function, used map[*directive]bool) []*Site {
	cut := u.cuts(f)
	var sites []*Site
	loops := append([]*flow.Loop(nil), f.Graph.Loops...)
	sort.SliceStable(loops, func(i, j int) bool { return len(loops[i].Blocks) < len(loops[j].Blocks) })
	for _, l := range loops {
		c := u.loopCandidate(f, u.loops[l], cut)
		if c.atLoop != nil {
			used[c.atLoop] = true
		}
		s := c.decide()
		for _, b := range s.at {
			cut[b] = true
		}
		sites = append(sites, s)
	}
	u.settlePace(f, cut)
	return sites
}
