package code

import (
	"go/ast"
	"go/types"

	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// settlePure finds the functions that write nothing but their own variables and
// elements of slices and arrays that have no fields: a call of one leaves what bounds
// a loop alone. A cycle of calls proves nothing about itself.
func (p *Package) settlePure() {
	writes := map[*Function]bool{}
	for _, f := range p.Funcs {
		writes[f] = p.writesElsewhere(f)
	}
	p.Settle(func(f *Function) bool {
		if p.pure[f] || writes[f] || !p.callsPure(f) {
			return false
		}
		p.pure[f] = true
		return true
	})
}

func (p *Package) callsPure(f *Function) bool {
	for _, c := range f.All() {
		if c.Later || !p.Harmless(c) {
			return false
		}
	}
	return true
}

// writesElsewhere tells whether the text of f itself may write a field, a global, or
// through a pointer, or hands work to others.
func (p *Package) writesElsewhere(f *Function) bool {
	found := false
	write := func(lhs ast.Expr) {
		switch e := ast.Unparen(lhs).(type) {
		case *ast.IndexExpr:
			// Somebody may be going over the map, or point to the element.
			found = found || Is[*types.Map](p.TypeOf(e.X)) || HasFields(p.TypeOf(e))
		case *ast.Ident:
			v, ok := p.Info.ObjectOf(e).(*types.Var)
			found = found || ok && (!p.Local(v) || v.Pos() < f.Node.Pos() || v.Pos() > f.Node.End())
		default:
			found = true
		}
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
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
			t := p.Overwrites(n)
			found = found || t != nil && HasFields(t)
		}
		return !found
	})
	return found
}

// Harmless tells whether a call writes nothing but what it is given.
func (p *Package) Harmless(c Call) bool {
	switch {
	case c.Obj == nil:
		return p.Builtin(c.Expr) != "" || p.Info.Types[c.Expr.Fun].IsType()
	case p.Known.Pure(c.Obj):
		return true
	}
	return p.pure[c.Only()]
}

// Pure tells whether a function writes nothing but its own variables and elements of
// slices and arrays that have no fields.
func (p *Package) Pure(f *Function) bool { return p.pure[f] }
