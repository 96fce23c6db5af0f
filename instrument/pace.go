package instrument

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// An iterator paces its callers if it passes a safepoint between any call of yield and one
// that comes some rounds later. A range statement over it then needs none of its own:
// one of the two is enough.

// paces tells whether a function is an iterator that paces, if the blocks in cut pass a
// safepoint.
func (u *unit) paces(f *code.Function, cut flow.Set) bool {
	yield := u.yieldOf(f)
	if yield == nil {
		return false
	}
	calls := 0
	for b, c := range f.All() {
		id, ok := ast.Unparen(c.Expr.Fun).(*ast.Ident)
		if !ok || u.Info.Uses[id] != yield {
			continue
		}
		calls++
		if slices.ContainsFunc(b.Loops, func(l *flow.Loop) bool { return !u.paced(l) && l.Open(l.Region, cut)[b] }) {
			return false
		}
	}
	return calls > 0 && calls == u.uses(f.Body, yield)
}

// yieldOf returns the yield function of an iterator, nil if f is none.
func (u *unit) yieldOf(f *code.Function) types.Object {
	var sig *ast.FuncType
	switch fn := f.Node.(type) {
	case *ast.FuncDecl:
		sig = fn.Type
	case *ast.FuncLit:
		sig = fn.Type
	}
	if sig.Results != nil || len(sig.Params.List) != 1 || len(sig.Params.List[0].Names) != 1 {
		return nil
	}
	if obj := u.Info.Defs[sig.Params.List[0].Names[0]]; obj != nil && code.Is[*types.Signature](obj.Type()) {
		return obj
	}
	return nil
}

// uses counts where a variable is used, in closures too.
func (u *unit) uses(body ast.Node, obj types.Object) (n int) {
	ast.Inspect(body, func(node ast.Node) bool {
		if id, ok := node.(*ast.Ident); ok && u.Info.Uses[id] == obj {
			n++
		}
		return true
	})
	return n
}

// gives tells whether all that f returns are iterators that pace.
func (u *unit) gives(f *code.Function) bool {
	for _, b := range f.Graph.Exits {
		if len(b.Nodes) == 0 {
			return false
		}
		ret, ok := b.Nodes[len(b.Nodes)-1].(*ast.ReturnStmt)
		if !ok || len(ret.Results) != 1 {
			return false
		}
		lit, ok := ast.Unparen(ret.Results[0]).(*ast.FuncLit)
		if !ok || !u.pacing[u.Literal(lit)] {
			return false
		}
	}
	return len(f.Graph.Exits) > 0
}

// paced tells whether a loop ranges over an iterator that paces.
func (u *unit) paced(l *flow.Loop) bool {
	stmt, ok := l.Stmt.(*ast.RangeStmt)
	if !ok {
		return false
	}
	x := ast.Unparen(stmt.X)
	if call, ok := x.(*ast.CallExpr); ok {
		fn := u.StaticCallee(call)
		return fn != nil && u.pacesOrGives(fn)
	}
	fn, ok := u.ObjectOf(x).(*types.Func)
	return ok && u.pacesOrGives(fn.Origin())
}

func (u *unit) pacesOrGives(fn *types.Func) bool {
	if f := u.Declared(fn); f != nil {
		return u.pacing[f]
	}
	fact := u.known(fn)
	return fact != nil && fact.Paces || isOwn(fn, pacing)
}

// settlePace notes whether a function paces, or gives iterators that do.
func (u *unit) settlePace(f *code.Function, cut flow.Set) {
	u.pacing[f] = u.paces(f, cut) || u.yieldOf(f) == nil && u.gives(f)
}
