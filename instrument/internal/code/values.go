package code

import (
	"go/ast"
	"go/constant"
	"go/token"
	"slices"
)

// Constant returns the value of a constant expression.
func (p *Package) Constant(e ast.Expr) (int64, bool) {
	tv, ok := p.Info.Types[e]
	if !ok || tv.Value == nil {
		return 0, false
	}
	return constant.Int64Val(constant.ToInt(tv.Value))
}

// MaxFixed is the largest constant that still counts as a length of data.
const MaxFixed = 1 << 16

// maxDepth is how far back the values of variables are followed.
const maxDepth = 8

// Sized tells whether e is at most about the length of something in memory.
func (p *Package) Sized(e ast.Expr, depth int) bool {
	e = ast.Unparen(e)
	if v, ok := p.Constant(e); ok {
		return v <= MaxFixed
	}
	if depth > maxDepth {
		return false
	}
	if bits := Bits(p.TypeOf(e)); bits == 8 || bits == 16 {
		return true
	}
	great := func(e ast.Expr) bool { return e == nil || !p.Sized(e, depth+1) }
	all := func(es ...ast.Expr) bool { return !slices.ContainsFunc(es, great) }
	switch e := e.(type) {
	case *ast.Ident:
		v := p.shown(p.Info.ObjectOf(e))
		return v != nil && !v.rises && !(v.falls && IsUnsigned(p.TypeOf(e))) && all(v.values...)
	case *ast.BinaryExpr:
		x, y := p.Sized(e.X, depth+1), p.Sized(e.Y, depth+1)
		switch e.Op {
		case token.ADD:
			return x && y && p.notFarBelow(e.X, depth+1) && p.notFarBelow(e.Y, depth+1)
		case token.SUB:
			return x && p.notFarBelow(e.X, depth+1) && p.NotNegative(e.Y) && !IsUnsigned(p.TypeOf(e)) // which wraps around below zero
		case token.QUO, token.SHR:
			return x && p.NotNegative(e.Y)
		case token.AND_NOT:
			return x && (p.NotNegative(e.X) || p.NotNegative(e.Y))
		case token.AND:
			return x && p.NotNegative(e.X) || y && p.NotNegative(e.Y)
		case token.REM:
			return x || y && p.NotNegative(e.Y)
		case token.MUL:
			few := p.multiplied(e)
			return few != nil && (few == e.X && x || few == e.Y && y) && p.notFarBelow(few, depth+1)
		}
	case *ast.CallExpr:
		if from := p.Converted(e); from != nil {
			t := p.Info.Types[e.Fun].Type
			return IsInteger(t) && p.Sized(from, depth+1) && (!IsUnsigned(t) || p.NotNegative(from)) && (Wide(t) || p.notFarBelow(from, depth+1))
		}
		switch p.Builtin(e) {
		case "len", "cap", "copy":
			return !Lengthless(p.TypeOf(e.Args[0]))
		case "min":
			return slices.ContainsFunc(e.Args, func(e ast.Expr) bool { return !great(e) })
		case "max":
			return all(e.Args...)
		}
	}
	return false
}

// notFarBelow tells whether e is not so far below zero that a sum, a difference or a
// small multiple of it could wrap around to something great.
func (p *Package) notFarBelow(e ast.Expr, depth int) bool {
	e = ast.Unparen(e)
	if v, ok := p.Constant(e); ok {
		return v >= -MaxFixed
	}
	t := p.TypeOf(e)
	if p.NotNegative(e) || IsInteger(t) && !Wide(t) {
		return true
	}
	if depth > maxDepth {
		return false
	}
	below := func(e ast.Expr) bool { return e == nil || !p.notFarBelow(e, depth+1) }
	all := func(es ...ast.Expr) bool { return !slices.ContainsFunc(es, below) }
	switch e := e.(type) {
	case *ast.Ident:
		v := p.shown(p.Info.ObjectOf(e))
		return v != nil && !v.rises && all(v.values...)
	case *ast.BinaryExpr:
		switch e.Op {
		case token.SUB:
			return all(e.X) && p.NotNegative(e.Y)
		case token.ADD, token.QUO, token.SHR, token.REM:
			return all(e.X, e.Y)
		case token.MUL:
			return all(p.multiplied(e))
		}
	case *ast.CallExpr:
		switch p.Builtin(e) {
		case "min":
			return all(e.Args...)
		case "max":
			return slices.ContainsFunc(e.Args, func(e ast.Expr) bool { return !below(e) })
		}
		if from := p.Converted(e); from != nil {
			return all(from)
		}
	}
	return false
}

// multiplied returns what a product takes a small constant number of times, nil if it
// is not of that kind.
func (p *Package) multiplied(product *ast.BinaryExpr) ast.Expr {
	small := func(e ast.Expr) bool { c, ok := p.Constant(e); return ok && c >= 0 && c <= 64 }
	switch {
	case small(product.Y):
		return product.X
	case small(product.X):
		return product.Y
	}
	return nil
}

// NotNegative tells whether e is certainly not below zero.
func (p *Package) NotNegative(e ast.Expr) bool {
	e = ast.Unparen(e)
	if v, ok := p.Constant(e); ok {
		return v >= 0
	}
	if IsUnsigned(p.TypeOf(e)) {
		return true
	}
	switch e := e.(type) {
	case *ast.Ident:
		obj := p.Info.ObjectOf(e)
		low, ok := p.Lowest(obj)
		return ok && low >= 0 && Wide(obj.Type())
	case *ast.BinaryExpr:
		switch e.Op {
		case token.ADD, token.QUO, token.SHR, token.REM:
			return p.NotNegative(e.X) && p.NotNegative(e.Y)
		}
	case *ast.CallExpr:
		switch p.Builtin(e) {
		case "len", "cap", "copy":
			return true
		}
	}
	return false
}
