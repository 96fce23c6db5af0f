package instrument

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// A variable is what a package's text shows of one variable or field.
type variable struct {
	values []ast.Expr // what it is set to; nil stands for an unknown value
	zero   bool       // it begins as zero
	rises  bool       // it is also increased, by positive constants
	falls  bool       // it is also decreased, by positive constants
	loose  bool       // its address is taken, or a closure writes it
}

// collectVars notes what is written to which variable.
func (u *unit) collectVars(file *ast.File) {
	var lits []*ast.FuncLit
	results := map[types.Object]bool{}
	var visit func(n ast.Node) bool
	written := func(lhs ast.Expr) *variable {
		obj := u.objectOf(lhs)
		if obj == nil {
			return &variable{} // the blank, or an element of something
		}
		v := u.variable(obj)
		if n := len(lits); n > 0 && (obj.Pos() < lits[n-1].Pos() || obj.Pos() > lits[n-1].End()) {
			v.loose = true
		}
		return v
	}
	set := func(lhs, rhs ast.Expr) {
		v := written(lhs)
		v.values = append(v.values, rhs)
	}
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv != nil {
				for _, id := range n.Recv.List[0].Names {
					set(id, nil)
				}
			}
		case *ast.Ident:
			// A return statement sets a result, and a deferred closure sees that.
			if obj := u.info.Uses[n]; len(lits) > 0 && results[obj] && obj.Pos() < lits[len(lits)-1].Pos() {
				u.variable(obj).loose = true
			}
		case *ast.TypeSwitchStmt:
			for _, c := range n.Body.List {
				if obj := u.info.Implicits[c]; obj != nil {
					v := u.variable(obj)
					v.values = append(v.values, nil)
				}
			}
		case *ast.FuncLit:
			lits = append(lits, n)
			ast.Inspect(n.Type, visit)
			ast.Inspect(n.Body, visit)
			lits = lits[:len(lits)-1]
			return false
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				switch {
				case len(n.Lhs) == len(n.Rhs) && (n.Tok == token.ASSIGN || n.Tok == token.DEFINE):
					set(l, n.Rhs[i])
				case u.increases(n):
					written(l).rises = true
				case u.decreases(n):
					written(l).falls = true
				default:
					set(l, nil)
				}
			}
		case *ast.ValueSpec:
			for i, l := range n.Names {
				if len(n.Names) == len(n.Values) {
					set(l, n.Values[i])
				} else if len(n.Values) > 0 {
					set(l, nil)
				} else {
					written(l).zero = true
				}
			}
		case *ast.FuncType:
			for _, field := range n.Params.List {
				for _, id := range field.Names {
					set(id, nil)
				}
			}
			if n.Results != nil {
				for _, field := range n.Results.List {
					for _, id := range field.Names {
						written(id).zero = true
						results[u.info.ObjectOf(id)] = true
					}
				}
			}
		case *ast.IncDecStmt:
			if n.Tok == token.INC {
				written(n.X).rises = true
			} else {
				written(n.X).falls = true
			}
		case *ast.RangeStmt:
			for _, e := range flow.RangeVars(n).Lhs {
				set(e, nil)
			}
		case *ast.UnaryExpr:
			if obj := u.objectOf(n.X); n.Op == token.AND && obj != nil {
				u.variable(obj).loose = true
			}
		case *ast.SelectorExpr:
			// A method with a pointer receiver takes the address silently, called or not.
			if obj := u.objectOf(n.X); obj != nil && u.info.Selections[n] != nil {
				if fn, ok := u.info.Selections[n].Obj().(*types.Func); ok && pointerMethod(fn) && !isPointer(obj.Type()) {
					u.variable(obj).loose = true
				}
			}
		}
		return true
	}
	ast.Inspect(file, visit)
}

// increases tells whether n is x += c or x <<= c or x *= c, with a positive constant.
func (u *unit) increases(n *ast.AssignStmt) bool {
	switch n.Tok {
	case token.ADD_ASSIGN, token.SHL_ASSIGN, token.MUL_ASSIGN:
		c, ok := u.constant(n.Rhs[0])
		return ok && c > 0
	}
	return false
}

// decreases tells whether n is x -= c, with a small positive constant.
func (u *unit) decreases(n *ast.AssignStmt) bool {
	c, ok := u.constant(n.Rhs[0])
	return n.Tok == token.SUB_ASSIGN && ok && c > 0 && c <= maxFixed
}

// lowest returns a constant that a variable never falls below, unless it
// overflows.
func (u *unit) lowest(obj types.Object) (int64, bool) {
	v := u.vars[obj]
	if v == nil || !u.local(obj) || len(v.values) == 0 && !v.zero || v.falls {
		return 0, false
	}
	least := int64(1 << 62)
	if v.zero {
		least = 0
	}
	for _, e := range v.values {
		if e == nil {
			return 0, false
		}
		c, ok := u.constant(e)
		if !ok {
			return 0, false
		}
		least = min(least, c)
	}
	// What is below zero falls where it is multiplied.
	return least, least >= 0 || !v.rises
}

func pointerMethod(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	return recv != nil && isPointer(recv.Type())
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

func (u *unit) variable(obj types.Object) *variable {
	v := u.vars[obj]
	if v == nil {
		v = &variable{}
		u.vars[obj] = v
	}
	return v
}

// local tells whether obj is a local variable that only plain statements of its
// own function write, so that a reading of those statements is the whole truth.
func (u *unit) local(obj types.Object) bool {
	v, ok := obj.(*types.Var)
	if !ok || v.IsField() || v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
		return false
	}
	return u.vars[obj] == nil || !u.vars[obj].loose
}

// constant returns the value of a constant expression.
func (u *unit) constant(e ast.Expr) (int64, bool) {
	tv, ok := u.info.Types[e]
	if !ok || tv.Value == nil {
		return 0, false
	}
	return constant.Int64Val(constant.ToInt(tv.Value))
}

// maxFixed is the largest constant that still counts as a length of data.
const maxFixed = 1 << 16

// maxDepth is how far back the values of variables are followed.
const maxDepth = 8

// sized tells whether e is at most about the length of something in memory.
func (u *unit) sized(e ast.Expr, depth int) bool {
	e = ast.Unparen(e)
	if v, ok := u.constant(e); ok {
		return v <= maxFixed
	}
	if depth > maxDepth {
		return false
	}
	if b, ok := u.typeOf(e).Underlying().(*types.Basic); ok {
		switch b.Kind() {
		case types.Uint8, types.Int8, types.Uint16, types.Int16:
			return true
		}
	}
	switch e := e.(type) {
	case *ast.Ident:
		obj, ok := u.info.ObjectOf(e).(*types.Var)
		if !ok || isUnsigned(obj.Type()) && u.vars[obj] != nil && u.vars[obj].falls || !u.local(obj) || u.vars[obj] == nil || u.vars[obj].rises || len(u.vars[obj].values) == 0 && !u.vars[obj].zero {
			return false
		}
		for _, x := range u.vars[obj].values {
			if x == nil || !u.sized(x, depth+1) {
				return false
			}
		}
		return true
	case *ast.BinaryExpr:
		x, y := u.sized(e.X, depth+1), u.sized(e.Y, depth+1)
		switch e.Op {
		case token.ADD:
			return x && y && u.notFarBelow(e.X, depth+1) && u.notFarBelow(e.Y, depth+1)
		case token.SUB:
			return x && u.notFarBelow(e.X, depth+1) && u.notNegative(e.Y) && !isUnsigned(u.typeOf(e)) // which wraps around below zero
		case token.QUO, token.SHR:
			return x && u.notNegative(e.Y)
		case token.AND_NOT:
			return x && (u.notNegative(e.X) || u.notNegative(e.Y))
		case token.AND:
			return x && u.notNegative(e.X) || y && u.notNegative(e.Y)
		case token.REM:
			return x || y && u.notNegative(e.Y)
		case token.MUL:
			few := u.multiplied(e)
			return few != nil && (few == e.X && x || few == e.Y && y) && u.notFarBelow(few, depth+1)
		}
	case *ast.CallExpr:
		if tv := u.info.Types[e.Fun]; tv.IsType() && len(e.Args) == 1 {
			return isInteger(tv.Type) && u.sized(e.Args[0], depth+1) && (!isUnsigned(tv.Type) || u.notNegative(e.Args[0])) && (wide(tv.Type) || u.notFarBelow(e.Args[0], depth+1))
		}
		switch u.builtin(e) {
		case "len", "cap", "copy":
			return !lengthless(u.typeOf(e.Args[0]))
		case "min":
			for _, a := range e.Args {
				if u.sized(a, depth+1) {
					return true
				}
			}
		case "max":
			for _, a := range e.Args {
				if !u.sized(a, depth+1) {
					return false
				}
			}
			return true
		}
	}
	return false
}

// notFarBelow tells whether e is not so far below zero that a sum, a difference or a
// small multiple of it could wrap around to something great.
func (u *unit) notFarBelow(e ast.Expr, depth int) bool {
	e = ast.Unparen(e)
	if v, ok := u.constant(e); ok {
		return v >= -maxFixed
	}
	t := u.typeOf(e)
	if u.notNegative(e) || isInteger(t) && !wide(t) {
		return true
	}
	if depth > maxDepth {
		return false
	}
	below := func(e ast.Expr) bool { return e == nil || !u.notFarBelow(e, depth+1) }
	all := func(es ...ast.Expr) bool { return !slices.ContainsFunc(es, below) }
	switch e := e.(type) {
	case *ast.Ident:
		v := u.vars[u.info.ObjectOf(e)]
		return v != nil && u.local(u.info.ObjectOf(e)) && !v.rises && (len(v.values) > 0 || v.zero) && all(v.values...)
	case *ast.BinaryExpr:
		switch e.Op {
		case token.SUB:
			return all(e.X) && u.notNegative(e.Y)
		case token.ADD, token.QUO, token.SHR, token.REM:
			return all(e.X, e.Y)
		case token.MUL:
			return all(u.multiplied(e))
		}
	case *ast.CallExpr:
		switch u.builtin(e) {
		case "min":
			return all(e.Args...)
		case "max":
			return slices.ContainsFunc(e.Args, func(e ast.Expr) bool { return !below(e) })
		}
		if u.info.Types[e.Fun].IsType() && len(e.Args) == 1 {
			return all(e.Args[0])
		}
	}
	return false
}

// multiplied returns what a product takes a small constant number of times, nil if it
// is not of that kind.
func (u *unit) multiplied(product *ast.BinaryExpr) ast.Expr {
	small := func(e ast.Expr) bool { c, ok := u.constant(e); return ok && c >= 0 && c <= 64 }
	switch {
	case small(product.Y):
		return product.X
	case small(product.X):
		return product.Y
	}
	return nil
}

// notNegative tells whether e is certainly not below zero.
func (u *unit) notNegative(e ast.Expr) bool {
	e = ast.Unparen(e)
	if v, ok := u.constant(e); ok {
		return v >= 0
	}
	if b, ok := u.typeOf(e).Underlying().(*types.Basic); ok && b.Info()&types.IsUnsigned != 0 {
		return true
	}
	switch e := e.(type) {
	case *ast.Ident:
		obj := u.info.ObjectOf(e)
		low, ok := u.lowest(obj)
		return ok && low >= 0 && wide(obj.Type())
	case *ast.BinaryExpr:
		switch e.Op {
		case token.ADD, token.QUO, token.SHR, token.REM:
			return u.notNegative(e.X) && u.notNegative(e.Y)
		}
	case *ast.CallExpr:
		switch u.builtin(e) {
		case "len", "cap", "copy":
			return true
		}
	}
	return false
}

func isInteger(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsInteger != 0
}

func isUnsigned(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsUnsigned != 0
}

// wide tells whether an integer type is too wide for a length to come near its
// greatest value.
func wide(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		return false
	}
	switch b.Kind() {
	case types.Int, types.Int64, types.Uint, types.Uint64, types.Uintptr:
		return true
	}
	return false
}

// builtin returns the name of the builtin function that e calls, or "".
func (u *unit) builtin(e *ast.CallExpr) string {
	switch fun := ast.Unparen(e.Fun).(type) {
	case *ast.Ident:
		if b, ok := u.info.Uses[fun].(*types.Builtin); ok {
			return b.Name()
		}
	case *ast.SelectorExpr:
		if b, ok := u.info.Uses[fun.Sel].(*types.Builtin); ok {
			return "unsafe." + b.Name()
		}
	}
	return ""
}

// typeOf returns the type of e. In packages with type errors, and with names of C,
// it may be unknown.
func (u *unit) typeOf(e ast.Expr) types.Type {
	if t := u.info.TypeOf(e); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}
