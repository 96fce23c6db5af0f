package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/gvthread/gvthread/instrument/internal/bound"
	"github.com/gvthread/gvthread/instrument/internal/code"
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
func (u *unit) rare(f *code.Function, l *bound.Loop, cut flow.Set) []*flow.Branch {
	if l.First == nil {
		return nil
	}
	open := l.Open(l.Region, cut)
	var found []*flow.Branch
	for _, b := range l.Blocks {
		if !open[b] || !u.heavy(f, l, b) {
			continue
		}
		if b.In == nil || b.In.Node.Pos() <= l.Body.Lbrace || b.In.Node.End() > l.Body.Rbrace {
			return nil // it is on every way
		}
		if u.usual(b.In) {
			return nil
		}
		found = append(found, b.In)
	}
	found = outermost(found)
	if len(found) == 0 || len(found) > maxBranches {
		return nil
	}
	for _, br := range found {
		cut = l.With(cut, br.First)
	}
	if l.Covered(l.Region, cut) {
		return nil
	}
	rest := l.Open(l.Region, cut)
	l = l.Part(rest)
	if cost, bounded := u.pathCost(f, l.Head, rest, l); !bounded || cost > tightRound || l.Kind != bound.Data {
		return nil
	}
	return found
}

// usual tells whether most rounds take a branch, as far as its condition shows: what is compared
// with a constant or nil mostly differs, unless it is an error.
func (u *unit) usual(br *flow.Branch) bool {
	return slices.ContainsFunc(br.First.Preds, func(b *flow.Block) bool {
		cond, ok := b.Cond.(*ast.BinaryExpr)
		if !ok || cond.Op != token.NEQ || b.Succs[0] != br.First || types.Implements(u.TypeOf(cond.X), errorType) {
			return false
		}
		tv := u.Info.Types[cond.Y]
		return tv.Value != nil || tv.IsNil()
	})
}

// errorType is the interface of errors.
var errorType = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

// heavy tells whether a block of a loop takes long, or nobody knows how long.
func (u *unit) heavy(f *code.Function, l *bound.Loop, b *flow.Block) bool {
	for _, e := range b.Loops {
		if in := u.loops[e]; e.Head == b && l.Holds(e) && !l.Shares(in) && (in.Kind != bound.Constant || e.First == nil) {
			return true
		}
	}
	cost, bounded := u.blockCost(f, b)
	return !bounded || cost > tightRound
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
