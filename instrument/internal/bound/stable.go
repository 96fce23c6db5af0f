package bound

import (
	"go/ast"
	"go/types"

	"github.com/gvthread/gvthread/instrument/internal/code"
)

// trusted tells whether the recorded writes to the variable or field path e are
// all that can happen to it during the loop.
func (v *view) trusted(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		obj := v.Info.ObjectOf(e)
		return obj != nil && (v.Local(obj) || !v.calls && v.Seen(obj) && !v.Loose(obj) && !v.overwritten(obj))
	case *ast.SelectorExpr:
		obj := v.Info.ObjectOf(e.Sel)
		if obj == nil || v.calls || v.Loose(obj) || v.overwritten(obj) || v.replaces(e) {
			return false
		}
		// Its owner must stay the same one.
		return v.invariant(e.X)
	}
	return false
}

// overwritten tells whether what the loop writes through pointers may be obj, which is
// no local variable, or whose address is taken.
func (v *view) overwritten(obj types.Object) bool {
	if obj == nil {
		return len(v.stored) > 0 // a name of C, of which nothing is known
	}
	loose := v.Loose(obj)
	if !loose && !obj.Exported() && obj.Pkg() == v.Types {
		return false // nobody has its address
	}
	for _, t := range v.stored {
		if types.Identical(t, obj.Type()) || code.Generic(t) || code.Generic(obj.Type()) {
			return true
		}
	}
	return false
}

// untouched tells whether the loop leaves alone what obj names, which is no local
// variable.
func (v *view) untouched(obj types.Object) bool {
	return !v.calls && len(v.writes[obj]) == 0 && !v.overwritten(obj)
}

// replaces tells whether the loop may write the whole of what e is a field of.
func (v *view) replaces(e *ast.SelectorExpr) bool {
	field, ok := v.Info.ObjectOf(e.Sel).(*types.Var)
	if !ok {
		return false
	}
	for _, t := range v.replaced {
		if code.Contains(t, field) {
			return true
		}
	}
	return false
}

// invariant tells whether the loop leaves e as it is.
func (v *view) invariant(e ast.Expr) bool {
	ok := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			obj := v.Info.ObjectOf(n.Sel)
			ok = ok && v.untouched(obj)
			if id, isIdent := n.X.(*ast.Ident); isIdent {
				if _, isPkg := v.Info.Uses[id].(*types.PkgName); isPkg {
					return false
				}
			}
			ok = ok && obj != nil && !v.replaces(n) && v.invariant(n.X)
			return false
		case *ast.Ident:
			obj := v.Info.ObjectOf(n)
			if x, isVar := obj.(*types.Var); isVar {
				ok = ok && len(v.writes[x]) == 0 && (v.Local(x) || v.untouched(x))
			}
		case *ast.CallExpr:
			switch {
			case v.Info.Types[n.Fun].IsType():
			case v.Builtin(n) == "":
				ok = false
			case v.Builtin(n) == "len":
				// A map has its length to itself, whichever variable refers to it.
				ok = ok && !(code.Is[*types.Map](v.TypeOf(n.Args[0])) && (v.calls || v.maps))
			}
		case *ast.IndexExpr, *ast.StarExpr, *ast.FuncLit, *ast.TypeAssertExpr:
			ok = false
		}
		return ok
	})
	return ok
}
