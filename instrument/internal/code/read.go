package code

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// A reader goes through a declaration, and notes its functions and what is written to
// which variable.
type reader struct {
	*Package
	file    *ast.File
	decl    *ast.FuncDecl // nil outside of functions
	name    string        // of the innermost function
	lits    []*ast.FuncLit
	results map[types.Object]bool // which a return statement sets, too
}

func (r *reader) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		r.declared(n)
	case *ast.FuncLit:
		r.literal(n)
		return false
	case *ast.FuncType:
		r.unknown(n.Params)
		for _, id := range names(n.Results) {
			r.written(id).zero = true
			r.results[r.ObjectOf(id)] = true
		}
	case *ast.Ident:
		// A return statement sets a result, and a deferred closure sees that.
		if obj := r.Info.Uses[n]; r.results[obj] && r.outside(obj) {
			r.variable(obj).loose = true
		}
	case *ast.TypeSwitchStmt:
		for _, c := range n.Body.List {
			if obj := r.Info.Implicits[c]; obj != nil {
				v := r.variable(obj)
				v.values = append(v.values, nil)
			}
		}
	case *ast.AssignStmt:
		r.assigned(n)
	case *ast.ValueSpec:
		for i, l := range n.Names {
			if len(n.Names) == len(n.Values) {
				r.set(l, n.Values[i])
			} else if len(n.Values) > 0 {
				r.set(l, nil)
			} else {
				r.written(l).zero = true
			}
		}
	case *ast.IncDecStmt:
		if n.Tok == token.INC {
			r.written(n.X).rises = true
		} else {
			r.written(n.X).falls = true
		}
	case *ast.RangeStmt:
		for _, e := range flow.RangeVars(n).Lhs {
			r.set(e, nil)
		}
	case *ast.CompositeLit:
		fields, _ := CoreType(r.TypeOf(n)).(*types.Struct)
		for i, e := range n.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				r.give(r.ObjectOf(kv.Key), kv.Value)
			} else if fields != nil {
				r.give(fields.Field(i), e)
			}
		}
	case *ast.CallExpr:
		if fn := r.StaticCallee(n); fn != nil && fn.Pkg() == r.Types {
			for i, arg := range n.Args {
				if params := fn.Signature().Params(); i < params.Len() {
					r.give(params.At(i), arg)
				}
			}
		}
	case *ast.UnaryExpr:
		if obj := r.ObjectOf(n.X); n.Op == token.AND && obj != nil {
			r.variable(obj).loose = true
		}
	case *ast.SelectorExpr:
		// A method with a pointer receiver takes the address silently, called or not.
		if obj := r.ObjectOf(n.X); obj != nil && r.Info.Selections[n] != nil {
			fn, ok := r.Info.Selections[n].Obj().(*types.Func)
			if ok && fn.Signature().Recv() != nil && Is[*types.Pointer](fn.Signature().Recv().Type()) && !Is[*types.Pointer](obj.Type()) {
				r.variable(obj).loose = true
			}
		}
	}
	return true
}

// names returns the names in a list of parameters or results, which may be nil.
func names(list *ast.FieldList) (out []*ast.Ident) {
	if list != nil {
		for _, field := range list.List {
			out = append(out, field.Names...)
		}
	}
	return out
}

// unknown notes that parameters are given what nobody knows.
func (r *reader) unknown(list *ast.FieldList) {
	for _, id := range names(list) {
		r.set(id, nil)
	}
}

func (r *reader) declared(n *ast.FuncDecl) {
	r.unknown(n.Recv)
	r.decl, r.name = n, n.Name.Name
	obj, _ := r.Info.Defs[n.Name].(*types.Func)
	if obj != nil {
		r.name = FuncName(obj)
	}
	if n.Body != nil {
		r.function(&Function{Node: n, Body: n.Body, Obj: obj})
	}
}

func (r *reader) literal(n *ast.FuncLit) {
	outer := r.name
	if r.name += ".func"; outer == "" {
		r.name = "func"
	}
	r.byLit[n] = r.function(&Function{Node: n, Body: n.Body})
	r.lits = append(r.lits, n)
	ast.Inspect(n.Type, r.visit)
	ast.Inspect(n.Body, r.visit)
	r.lits, r.name = r.lits[:len(r.lits)-1], outer
}

func (r *reader) function(f *Function) *Function {
	f.Decl, f.Name, f.File = r.decl, r.name, r.file
	f.Graph, f.Calls = r.Flow.Graph(f.Node), map[*flow.Block][]Call{}
	r.Funcs = append(r.Funcs, f)
	if f.Obj != nil {
		r.byObj[f.Obj] = f
	}
	return f
}

func (r *reader) assigned(n *ast.AssignStmt) {
	for i, l := range n.Lhs {
		switch {
		case len(n.Lhs) == len(n.Rhs) && (n.Tok == token.ASSIGN || n.Tok == token.DEFINE):
			r.set(l, n.Rhs[i])
		case r.increases(n):
			r.written(l).rises = true
		case r.decreases(n):
			r.written(l).falls = true
		default:
			r.set(l, nil)
		}
	}
}

// outside tells whether a variable is declared outside of the innermost closure.
func (r *reader) outside(obj types.Object) bool {
	if len(r.lits) == 0 {
		return false
	}
	in := r.lits[len(r.lits)-1]
	return obj.Pos() < in.Pos() || obj.Pos() > in.End()
}

// written returns what is known of a variable that is written.
func (r *reader) written(lhs ast.Expr) *variable {
	obj := r.ObjectOf(lhs)
	if obj == nil {
		return &variable{} // the blank, or an element of something
	}
	v := r.variable(obj)
	v.loose = v.loose || r.outside(obj)
	return v
}

// set notes that a variable is set to a value, which is nil if nobody knows it.
func (r *reader) set(lhs, rhs ast.Expr) {
	v := r.written(lhs)
	v.values = append(v.values, rhs)
	if rhs != nil {
		r.give(r.ObjectOf(lhs), rhs)
	}
}

// give notes that a variable or field is given a value, if that is of function type.
func (r *reader) give(obj types.Object, value ast.Expr) {
	if obj != nil && obj.Type() != nil && Is[*types.Signature](obj.Type()) {
		v := r.variable(obj)
		v.funcs = append(v.funcs, value)
	}
}
