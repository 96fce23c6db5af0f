package instrument

import (
	"go/ast"
	"maps"

	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/flow"
	"github.com/gvthread/gvthread/instrument/internal/load"
)

// settle finds out which functions always yield, and which are leaves: those whose ways
// that pass no safepoint are short. Both begin as "no", so that a cycle of calls proves
// nothing about itself.
func (u *unit) settle() {
	u.Settle(func(f *code.Function) bool {
		if u.yielding[f] || !u.alwaysYields(f) {
			return false
		}
		u.yielding[f] = true
		return true
	})
	u.leaves = map[*code.Function]int{}
	u.Settle(func(f *code.Function) bool {
		if _, done := u.leaves[f]; done || u.yielding[f] {
			return false
		}
		open := f.Graph.Open(u.cuts(f))
		if !open[f.Graph.Entry] {
			return false
		}
		cost, ok := u.pathCost(f, f.Graph.Entry, open, nil)
		if ok = ok && cost <= maxLeaf; ok {
			u.leaves[f] = cost
		}
		return ok
	})
	for _, f := range u.CalleesFirst {
		u.settlePace(f, u.cuts(f))
	}
}

func (u *unit) alwaysYields(f *code.Function) bool {
	if u.recovers(f) {
		return u.entered[f][f.Graph.Entry] || u.yieldsFirst(f)
	}
	return len(f.Graph.Open(u.cuts(f))) == 0
}

// cuts returns the blocks of f that hold a safepoint.
func (u *unit) cuts(f *code.Function) flow.Set {
	cut := flow.Set{}
	maps.Copy(cut, u.entered[f])
	for b, c := range f.All() {
		if c.Sure && u.yields(c) {
			cut[b] = true
		}
	}
	return cut
}

// yields tells whether a call passes a safepoint for certain.
func (u *unit) yields(c code.Call) bool {
	switch {
	case c.Obj != nil && isYielding(c.Obj):
		return true
	case c.Only() != nil:
		return u.yielding[c.Only()]
	}
	f := u.known(c.Obj)
	return f != nil && f.Yields
}

// recovers tells whether f may return although something that it calls panics: then
// nothing that it does on the way is certain.
func (u *unit) recovers(f *code.Function) bool {
	for _, c := range f.All() {
		if c.Later && u.mayRecover(c) {
			return true
		}
	}
	return false
}

// mayRecover tells whether a deferred call can end a panic: only a function that
// itself calls recover does.
func (u *unit) mayRecover(c code.Call) bool {
	if f := c.Only(); f != nil {
		for _, d := range f.All() {
			if u.Builtin(d.Expr) == "recover" {
				return true
			}
		}
		return false
	}
	// What the standard library exports is not made to be a recovering function.
	return u.Builtin(c.Expr) == "" && (c.Obj == nil || c.Obj.Pkg() == nil || !load.Excluded(c.Obj.Pkg().Path()))
}

// yieldsFirst tells whether f passes a safepoint before anything can panic.
func (u *unit) yieldsFirst(f *code.Function) bool {
	for i, n := range f.Graph.Entry.Nodes {
		switch n := n.(type) {
		case *ast.DeferStmt:
			if _, closure := n.Call.Fun.(*ast.FuncLit); i > 0 && (!closure || len(n.Call.Args) > 0) {
				return false // what it evaluates might panic, and the first one recover
			}
			continue
		case *ast.ExprStmt:
			call, ok := n.X.(*ast.CallExpr)
			if !ok {
				return false
			}
			fn := u.StaticCallee(call)
			return fn != nil && isOwn(fn, calm)
		}
		return false
	}
	return false
}
