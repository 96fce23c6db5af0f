package bound

import (
	"go/ast"
	"go/token"
	"go/types"
	"math/bits"

	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// A change is how a statement alters a variable.
type change uint8

const (
	other  change = iota
	up            // by a positive constant
	down          // by a positive constant
	grow          // to double or more, if it is positive; the step is in bits
	halve         // to half or less; to zero in the end
	shrink        // to its tail or head, by a positive constant
	stride        // by an amount that is no constant, up or down
)

// A write is a statement in a loop that alters a variable.
type write struct {
	blk  *flow.Block
	kind change
	step int64
	by   ast.Expr // of a stride
	rhs  ast.Expr // of a plain assignment
	dest ast.Expr
	// toZero is set on a halve that ends at zero even for a negative value.
	toZero bool
}

// classify says how `l tok r` alters l.
func (v *view) classify(l ast.Expr, tok token.Token, r ast.Expr) write {
	op, operand := tok, r
	if tok == token.ASSIGN {
		if slice, ok := ast.Unparen(r).(*ast.SliceExpr); ok && same(slice.X, l) && !code.Lengthless(v.TypeOf(l)) {
			return v.classifySlice(slice)
		}
		bin, ok := ast.Unparen(r).(*ast.BinaryExpr)
		if !ok || !same(bin.X, l) {
			return write{}
		}
		op, operand = assignOps[bin.Op], bin.Y
	}
	if op == token.AND_ASSIGN {
		// x &= x - 1 clears a bit.
		if bin, ok := ast.Unparen(operand).(*ast.BinaryExpr); ok && bin.Op == token.SUB && same(bin.X, l) {
			if one, ok := v.Constant(bin.Y); ok && one == 1 {
				return write{kind: halve, toZero: true}
			}
		}
	}
	c, ok := v.Constant(operand)
	if !ok && (op == token.ADD_ASSIGN || op == token.SUB_ASSIGN) && code.Wide(v.TypeOf(l)) {
		return write{kind: stride, by: operand}
	}
	if !ok || c <= 0 || !code.IsInteger(v.TypeOf(l)) {
		return write{}
	}
	switch op {
	case token.ADD_ASSIGN:
		return write{kind: up, step: c}
	case token.SUB_ASSIGN:
		return write{kind: down, step: c}
	case token.SHL_ASSIGN:
		return write{kind: grow, step: min(c, wordBits)}
	case token.MUL_ASSIGN:
		if c >= 2 {
			return write{kind: grow, step: int64(bits.Len64(uint64(c)))}
		}
	case token.SHR_ASSIGN:
		return write{kind: halve, toZero: code.IsUnsigned(v.TypeOf(l))}
	case token.QUO_ASSIGN:
		if c >= 2 {
			return write{kind: halve, toZero: true}
		}
	}
	return write{}
}

var assignOps = map[token.Token]token.Token{
	token.ADD: token.ADD_ASSIGN, token.SUB: token.SUB_ASSIGN, token.SHR: token.SHR_ASSIGN,
	token.QUO: token.QUO_ASSIGN, token.AND: token.AND_ASSIGN, token.SHL: token.SHL_ASSIGN, token.MUL: token.MUL_ASSIGN,
}

// classifySlice says how x = x[lo:hi] alters x: x[1:] and x[:len(x)-1] shrink it.
func (v *view) classifySlice(e *ast.SliceExpr) write {
	if e.Low != nil && (e.High == nil || v.isLenOf(e.High, e.X)) {
		if c, ok := v.Constant(e.Low); ok && c > 0 {
			return write{kind: shrink}
		}
	}
	if bin, ok := e.High.(*ast.BinaryExpr); ok && e.Low == nil && bin.Op == token.SUB {
		c, isConst := v.Constant(bin.Y)
		if isConst && c > 0 && v.isLenOf(bin.X, e.X) {
			return write{kind: shrink}
		}
	}
	return write{}
}

// isLenOf tells whether e is len(x).
func (v *view) isLenOf(e, x ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && v.Builtin(call) == "len" && same(call.Args[0], x)
}

// same tells whether two expressions are the same variable or field path.
func same(a, b ast.Expr) bool {
	a, b = ast.Unparen(a), ast.Unparen(b)
	switch a := a.(type) {
	case *ast.Ident:
		b, ok := b.(*ast.Ident)
		return ok && a.Name == b.Name && a.Name != "_"
	case *ast.SelectorExpr:
		b, ok := b.(*ast.SelectorExpr)
		return ok && a.Sel.Name == b.Sel.Name && same(a.X, b.X)
	}
	return false
}

// A motion is how every round moves a variable: in one direction, by at least and at
// most so much.
type motion struct {
	change
	least, most int64
}

// monotone returns how every round moves e, other if not in one direction.
func (v *view) monotone(e ast.Expr) motion {
	ws := v.writes[v.ObjectOf(e)]
	kind := v.oneWay(e)
	if kind == other || !v.always(ws) {
		return motion{}
	}
	m := motion{change: kind, least: ws[0].step}
	steps := map[*flow.Block]int64{}
	for _, w := range ws {
		if w.step > manySteps {
			return motion{}
		}
		m.least = min(m.least, w.step)
		steps[w.blk] += w.step
		if v.inner(w.blk) {
			m.most = manySteps
		}
	}
	m.most = max(m.most, flow.Longest(v.loop.Head, v.region, func(blk *flow.Block) int64 { return steps[blk] }))
	return m
}

// manySteps is more than any counter moves in one round, unless a loop within moves it.
const manySteps = flow.Most

// oneWay returns the only direction in which the loop moves e, if in every round or
// only in some, or other.
func (v *view) oneWay(e ast.Expr) change {
	obj := v.ObjectOf(e)
	ws := v.writes[obj]
	if obj == nil || len(ws) == 0 || !v.trusted(e) {
		return other
	}
	for _, w := range ws {
		if w.kind != ws[0].kind || !same(w.dest, e) {
			return other
		}
	}
	return ws[0].kind
}

// oneWays returns the variables that the loop moves in one direction only.
func (v *view) oneWays() map[types.Object]bool {
	out := map[types.Object]bool{}
	for _, obj := range v.dests {
		dest := v.writes[obj][0].dest
		switch v.oneWay(dest) {
		case up, down:
			out[obj] = code.Wide(v.TypeOf(dest)) // others wrap around
		case shrink:
			out[obj] = true
		}
	}
	return out
}
