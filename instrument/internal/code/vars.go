package code

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A variable is what a package's text shows of one variable or field.
type variable struct {
	values []ast.Expr // what it is set to; nil stands for an unknown value
	funcs  []ast.Expr // what it is given in any way, if it is of function type
	zero   bool       // it begins as zero
	rises  bool       // it is also increased, by positive constants
	falls  bool       // it is also decreased, by positive constants
	loose  bool       // its address is taken, or a closure writes it
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
	v := p.shown(obj)
	if v == nil || v.falls {
		return 0, false
	}
	least := int64(1 << 62)
	if v.zero {
		least = 0
	}
	for _, e := range v.values {
		c, ok := p.Constant(e)
		if !ok {
			return 0, false
		}
		least = min(least, c)
	}
	// What is below zero falls where it is multiplied.
	return least, least >= 0 || !v.rises
}

// shown returns what the text shows of a local variable if that is all there is, or nil.
func (p *Package) shown(obj types.Object) *variable {
	v := p.vars[obj]
	if v == nil || !p.Local(obj) || len(v.values) == 0 && !v.zero {
		return nil
	}
	return v
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
