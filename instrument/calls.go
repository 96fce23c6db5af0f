package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A callee is a call as far as it can be resolved.
type callee struct {
	call  *ast.CallExpr
	funcs []*function // of this package; more than one through a func value or interface
	obj   *types.Func // nil unless static
	sure  bool        // evaluated whenever its block is, in this goroutine
	later bool        // deferred
}

// staticCallee returns the function or method that a call runs for certain. For
// an instance of a generic function it is the generic function.
func (u *unit) staticCallee(call *ast.CallExpr) *types.Func {
	fun := ast.Unparen(call.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	var obj types.Object
	switch x := ast.Unparen(fun).(type) {
	case *ast.Ident:
		obj = u.info.Uses[x]
	case *ast.SelectorExpr:
		if sel := u.info.Selections[x]; sel != nil && types.IsInterface(sel.Recv()) {
			return nil
		}
		obj = u.info.Uses[x.Sel]
	}
	fn, ok := obj.(*types.Func)
	if !ok {
		return nil
	}
	if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		return nil // promoted from an embedded interface
	}
	return fn.Origin()
}

// callees appends the calls in n, without those in closures.
func (u *unit) callees(out []callee, n ast.Node) []callee {
	return u.walkCalls(out, n, true)
}

func (u *unit) walkCalls(out []callee, n ast.Node, sure bool) []callee {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				out = u.walkCalls(out, n.X, sure)
				out = u.walkCalls(out, n.Y, false)
				return false
			}
		case *ast.GoStmt:
			// Only the operands are evaluated here.
			out = u.walkCalls(out, n.Call.Fun, sure)
			for _, a := range n.Call.Args {
				out = u.walkCalls(out, a, sure)
			}
			return false
		case *ast.DeferStmt:
			for _, a := range n.Call.Args {
				out = u.walkCalls(out, a, sure)
			}
			c := u.resolve(n.Call)
			c.later = true
			out = append(out, c)
			return false
		case *ast.CallExpr:
			out = u.walkCalls(out, n.Fun, sure)
			for _, a := range n.Args {
				out = u.walkCalls(out, a, sure)
			}
			c := u.resolve(n)
			c.sure = sure
			out = append(out, c)
			return false
		}
		return true
	})
	return out
}

// resolve finds what a call can run, as far as this package shows it.
func (u *unit) resolve(call *ast.CallExpr) callee {
	c := callee{call: call, obj: u.staticCallee(call)}
	if c.obj != nil {
		if f := u.byObj[c.obj]; f != nil {
			c.funcs = []*function{f}
		}
		return c
	}
	fun := ast.Unparen(call.Fun)
	if lit, ok := fun.(*ast.FuncLit); ok {
		c.funcs = []*function{u.byLit[lit]}
		return c
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok && u.info.Selections[sel] != nil && u.info.Selections[sel].Kind() == types.MethodVal {
		c.funcs = u.implementations(u.info.Selections[sel])
		return c
	}
	obj := u.objectOf(fun)
	if _, ok := obj.(*types.Var); !ok {
		return c
	}
	for _, e := range u.writers[obj] {
		switch e := ast.Unparen(e).(type) {
		case *ast.FuncLit:
			c.funcs = append(c.funcs, u.byLit[e])
		default:
			if fn, ok := u.objectOf(e).(*types.Func); ok && u.byObj[fn.Origin()] != nil {
				c.funcs = append(c.funcs, u.byObj[fn.Origin()])
			}
		}
	}
	return c
}

// implementations returns this package's methods that a call through one of its
// own interfaces can run.
func (u *unit) implementations(sel *types.Selection) []*function {
	method, ok := sel.Obj().(*types.Func)
	if !ok {
		return nil
	}
	if out, ok := u.impls[method]; ok {
		return out
	}
	out := u.findImplementations(sel)
	u.impls[method] = out
	return out
}

func (u *unit) findImplementations(sel *types.Selection) []*function {
	named, ok := types.Unalias(sel.Recv()).(*types.Named)
	if !ok || named.Obj().Pkg() != u.pkg || named.TypeParams().Len() > 0 {
		return nil
	}
	iface, ok := named.Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	var out []*function
	scope := u.pkg.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() || types.IsInterface(tn.Type()) {
			continue
		}
		t, ok := tn.Type().(*types.Named)
		if !ok || t.TypeParams().Len() > 0 || !types.Implements(types.NewPointer(t), iface) {
			continue
		}
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, u.pkg, sel.Obj().Name())
		if fn, ok := obj.(*types.Func); ok && u.byObj[fn] != nil {
			out = append(out, u.byObj[fn])
		}
	}
	return out
}
