package instrument

import (
	"go/ast"
	"go/types"

	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// settlePure finds the functions that write nothing but their own variables and
// elements of slices and arrays that have no fields: a call of one leaves what bounds
// a loop alone. A cycle of calls proves nothing about itself.
func (u *unit) settlePure() {
	writes := map[*function]bool{}
	for _, f := range u.funcs {
		writes[f] = u.writesElsewhere(f)
	}
	for changed := true; changed; {
		changed = false
		for _, f := range u.funcs {
			if !f.pure && !writes[f] && u.callsPure(f) {
				f.pure, changed = true, true
			}
		}
	}
}

func (u *unit) callsPure(f *function) bool {
	for _, calls := range f.calls {
		for _, c := range calls {
			if c.later || !u.harmless(c) {
				return false
			}
		}
	}
	return true
}

// writesElsewhere tells whether the text of f itself may write a field, a global, or
// through a pointer, or hands work to others.
func (u *unit) writesElsewhere(f *function) bool {
	found := false
	write := func(lhs ast.Expr) {
		switch e := ast.Unparen(lhs).(type) {
		case *ast.IndexExpr:
			_, isMap := coreType(u.typeOf(e.X)).(*types.Map)
			found = found || isMap || hasFields(u.typeOf(e)) // which somebody may be going over, or point to
		case *ast.Ident:
			v, ok := u.info.ObjectOf(e).(*types.Var)
			found = found || ok && (!u.local(v) || v.Pos() < f.node.Pos() || v.Pos() > f.node.End())
		default:
			found = true
		}
	}
	ast.Inspect(f.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				write(l)
			}
		case *ast.IncDecStmt:
			write(n.X)
		case *ast.RangeStmt:
			for _, l := range flow.RangeVars(n).Lhs {
				write(l)
			}
		case *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt, *ast.SendStmt:
			found = true
		case *ast.CallExpr:
			t := u.overwrites(n)
			found = found || t != nil && hasFields(t)
		}
		return !found
	})
	return found
}
