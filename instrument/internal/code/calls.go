package code

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// A Call is a call as far as it can be resolved.
type Call struct {
	Expr  *ast.CallExpr
	Funcs []*Function // of this package; more than one through a func value or interface
	Obj   *types.Func // nil unless static
	Sure  bool        // evaluated whenever its block is, in this goroutine
	Later bool        // deferred
}

// Only returns the function of this package that a call runs for certain, or nil.
func (c Call) Only() *Function {
	if len(c.Funcs) == 1 && (c.Obj != nil || ast.Unparen(c.Expr.Fun) == c.Funcs[0].Node) {
		return c.Funcs[0]
	}
	return nil
}

// StaticCallee returns the function or method that a call runs for certain, nil if that is not
// known. For an instance of a generic function it is the generic function.
func (p *Package) StaticCallee(call *ast.CallExpr) *types.Func {
	return typeutil.StaticCallee(p.Info, call)
}

// calls appends the calls in n, without those in closures.
func (p *Package) calls(out []Call, n ast.Node, sure bool) []Call {
	operands := func(es ...ast.Expr) {
		for _, e := range es {
			out = p.calls(out, e, sure)
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BinaryExpr:
			if n.Op != token.LAND && n.Op != token.LOR {
				return true
			}
			operands(n.X)
			out = p.calls(out, n.Y, false)
			return false
		case *ast.GoStmt:
			// Only the operands are evaluated here.
			operands(n.Call.Fun)
			operands(n.Call.Args...)
			return false
		case *ast.DeferStmt:
			operands(n.Call.Args...)
			c := p.resolve(n.Call)
			c.Later = true
			out = append(out, c)
			return false
		case *ast.CallExpr:
			operands(n.Fun)
			operands(n.Args...)
			c := p.resolve(n)
			c.Sure = sure
			out = append(out, c)
			return false
		}
		return true
	})
	return out
}

// resolve finds what a call can run, as far as this package shows it.
func (p *Package) resolve(call *ast.CallExpr) Call {
	c := Call{Expr: call, Obj: p.StaticCallee(call)}
	if c.Obj != nil {
		if f := p.byObj[c.Obj]; f != nil {
			c.Funcs = []*Function{f}
		}
		return c
	}
	fun := ast.Unparen(call.Fun)
	if lit, ok := fun.(*ast.FuncLit); ok {
		c.Funcs = []*Function{p.byLit[lit]}
		return c
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok && p.Info.Selections[sel] != nil && p.Info.Selections[sel].Kind() == types.MethodVal {
		c.Funcs = p.implementations(p.Info.Selections[sel])
		return c
	}
	v := p.vars[p.ObjectOf(fun)]
	if v == nil {
		return c
	}
	for _, e := range v.funcs {
		switch e := ast.Unparen(e).(type) {
		case *ast.FuncLit:
			c.Funcs = append(c.Funcs, p.byLit[e])
		default:
			if fn, ok := p.ObjectOf(e).(*types.Func); ok && p.byObj[fn.Origin()] != nil {
				c.Funcs = append(c.Funcs, p.byObj[fn.Origin()])
			}
		}
	}
	return c
}

// implementations returns this package's methods that a call through one of its
// own interfaces can run.
func (p *Package) implementations(sel *types.Selection) []*Function {
	method, ok := sel.Obj().(*types.Func)
	if !ok {
		return nil
	}
	if out, ok := p.impls[method]; ok {
		return out
	}
	out := p.findImplementations(sel)
	p.impls[method] = out
	return out
}

func (p *Package) findImplementations(sel *types.Selection) []*Function {
	named, ok := types.Unalias(sel.Recv()).(*types.Named)
	if !ok || named.Obj().Pkg() != p.Types || named.TypeParams().Len() > 0 {
		return nil
	}
	iface, ok := named.Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	var out []*Function
	scope := p.Types.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() || types.IsInterface(tn.Type()) {
			continue
		}
		t, ok := tn.Type().(*types.Named)
		if !ok || t.TypeParams().Len() > 0 || !types.Implements(types.NewPointer(t), iface) {
			continue
		}
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, p.Types, sel.Obj().Name())
		if fn, ok := obj.(*types.Func); ok && p.byObj[fn] != nil {
			out = append(out, p.byObj[fn])
		}
	}
	return out
}

// Builtin returns the name of the builtin function that e calls, or "".
func (p *Package) Builtin(e *ast.CallExpr) string {
	if b, ok := typeutil.Callee(p.Info, e).(*types.Builtin); ok {
		return b.Name()
	}
	return ""
}

// Converted returns the operand of a conversion, nil if e is none.
func (p *Package) Converted(e ast.Expr) ast.Expr {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok && len(call.Args) == 1 && p.Info.Types[call.Fun].IsType() {
		return call.Args[0]
	}
	return nil
}

// TypeOf returns the type of e. In packages with type errors, and with names of C,
// it may be unknown.
func (p *Package) TypeOf(e ast.Expr) types.Type {
	if t := p.Info.TypeOf(e); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

// Overwrites returns the type of the elements that a builtin function writes, or nil.
func (p *Package) Overwrites(call *ast.CallExpr) types.Type {
	switch p.Builtin(call) {
	case "append", "copy", "clear":
		if slice, ok := CoreType(p.TypeOf(call.Args[0])).(*types.Slice); ok {
			return slice.Elem()
		}
	}
	return nil
}
