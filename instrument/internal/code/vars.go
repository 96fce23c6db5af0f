package code

import (
	"go/ast"
	"go/token"
	"go/types"

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
func (p *Package) collectVars(file *ast.File) {
	var lits []*ast.FuncLit
	results := map[types.Object]bool{}
	var visit func(n ast.Node) bool
	written := func(lhs ast.Expr) *variable {
		obj := p.ObjectOf(lhs)
		if obj == nil {
			return &variable{} // the blank, or an element of something
		}
		v := p.variable(obj)
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
			if obj := p.Info.Uses[n]; len(lits) > 0 && results[obj] && obj.Pos() < lits[len(lits)-1].Pos() {
				p.variable(obj).loose = true
			}
		case *ast.TypeSwitchStmt:
			for _, c := range n.Body.List {
				if obj := p.Info.Implicits[c]; obj != nil {
					v := p.variable(obj)
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
				case p.increases(n):
					written(l).rises = true
				case p.decreases(n):
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
						results[p.Info.ObjectOf(id)] = true
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
			if obj := p.ObjectOf(n.X); n.Op == token.AND && obj != nil {
				p.variable(obj).loose = true
			}
		case *ast.SelectorExpr:
			// A method with a pointer receiver takes the address silently, called or not.
			if obj := p.ObjectOf(n.X); obj != nil && p.Info.Selections[n] != nil {
				fn, ok := p.Info.Selections[n].Obj().(*types.Func)
				if ok && fn.Signature().Recv() != nil && Is[*types.Pointer](fn.Signature().Recv().Type()) && !Is[*types.Pointer](obj.Type()) {
					p.variable(obj).loose = true
				}
			}
		}
		return true
	}
	ast.Inspect(file, visit)
}

// increases tells whether n is x += c or x <<= c or x *= c, with a positive constant.
func (p *Package) increases(n *ast.AssignStmt) bool {
	switch n.Tok {
	case token.ADD_ASSIGN, token.SHL_ASSIGN, token.MUL_ASSIGN:
		c, ok := p.Constant(n.Rhs[0])
		return ok && c > 0
	}
	return false
}

// decreases tells whether n is x -= c, with a small positive constant.
func (p *Package) decreases(n *ast.AssignStmt) bool {
	c, ok := p.Constant(n.Rhs[0])
	return n.Tok == token.SUB_ASSIGN && ok && c > 0 && c <= MaxFixed
}

// Lowest returns a constant that a variable never falls below, unless it
// overflows.
func (p *Package) Lowest(obj types.Object) (int64, bool) {
	v := p.vars[obj]
	if v == nil || !p.Local(obj) || len(v.values) == 0 && !v.zero || v.falls {
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
		c, ok := p.Constant(e)
		if !ok {
			return 0, false
		}
		least = min(least, c)
	}
	// What is below zero falls where it is multiplied.
	return least, least >= 0 || !v.rises
}

func (p *Package) variable(obj types.Object) *variable {
	v := p.vars[obj]
	if v == nil {
		v = &variable{}
		p.vars[obj] = v
	}
	return v
}

// Local tells whether obj is a local variable that only plain statements of its
// own function write, so that a reading of those statements is the whole truth.
func (p *Package) Local(obj types.Object) bool {
	v, ok := obj.(*types.Var)
	if !ok || v.IsField() || v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
		return false
	}
	return p.vars[obj] == nil || !p.vars[obj].loose
}

// Loose tells whether the address of a variable or field is taken, or a closure writes
// it.
func (p *Package) Loose(obj types.Object) bool { return p.vars[obj] != nil && p.vars[obj].loose }

// Seen tells whether the package's text shows what a variable or field is set to.
func (p *Package) Seen(obj types.Object) bool { return p.vars[obj] != nil }

// SetOnce tells whether a local variable is given one value, and never another.
func (p *Package) SetOnce(obj types.Object) bool {
	v := p.vars[obj]
	return v != nil && p.Local(obj) && len(v.values) == 1 && !v.rises && !v.falls
}
