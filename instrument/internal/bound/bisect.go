package bound

import (
	"go/ast"
	"go/token"

	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// bisected bounds binary searches: every round looks at the element in the middle of an
// interval and goes on in one half.
func bisected(v *view) Limit {
	for _, cond := range v.comparing(token.LSS, token.LEQ) {
		lo, hi := ast.Unparen(cond.X), ast.Unparen(cond.Y)
		if sum, ok := lo.(*ast.BinaryExpr); ok && sum.Op == token.ADD {
			if d, ok := v.Constant(sum.Y); ok && d >= 0 {
				lo = ast.Unparen(sum.X) // lo+16 <= hi
			}
		}
		if v.isBound(lo) && v.isBound(hi) && v.bisects(lo, hi, cond.Op == token.LSS) {
			return constant(wordBits, "the bits of "+v.ObjectOf(hi).Name())
		}
	}
	return Limit{}
}

func (v *view) isBound(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && v.Local(v.Info.ObjectOf(id)) && code.Wide(v.TypeOf(e)) && !code.IsUnsigned(v.TypeOf(e)) && v.ObjectOf(e) != nil
}

// bisects tells whether every round sets lo or hi to the middle between them, or
// one or more beyond it. open is set if the interval does not hold hi.
func (v *view) bisects(lo, hi ast.Expr, open bool) bool {
	ws := append(append([]write(nil), v.writes[v.ObjectOf(lo)]...), v.writes[v.ObjectOf(hi)]...)
	if len(ws) == 0 || !v.always(ws) {
		return false
	}
	var mid ast.Expr
	rounds := false // it matters that -1/2 is 0
	for _, w := range ws {
		if w.rhs == nil {
			return false
		}
		e, d := ast.Unparen(w.rhs), int64(0)
		if bin, ok := e.(*ast.BinaryExpr); ok {
			c, isConst := v.Constant(bin.Y)
			switch {
			case !isConst || c <= 0 || c > code.MaxFixed:
				return false
			case bin.Op == token.ADD:
				d = c
			case bin.Op == token.SUB:
				d = -c
			default:
				return false
			}
			e = ast.Unparen(bin.X)
		}
		if mid == nil {
			mid = e
		}
		isLow := same(w.dest, lo)
		rounds = rounds || d == 0
		if !same(e, mid) || isLow && d <= 0 || !isLow && (d > 0 || d == 0 && !open) {
			return false
		}
	}
	return v.isMiddle(mid, lo, hi, ws, rounds)
}

// isMiddle tells whether every round first sets mid to the middle of lo and hi, and
// indexes something by it, so that it has not overflowed.
func (v *view) isMiddle(mid, lo, hi ast.Expr, before []write, rounds bool) bool {
	sets := v.writes[v.ObjectOf(mid)]
	if len(sets) != 1 || sets[0].rhs == nil || !v.isBound(mid) || !v.always(sets) || !v.indexes(mid) || !v.halfway(sets[0].rhs, lo, hi, rounds) {
		return false
	}
	early := flow.Forward(v.loop.Head, v.region, flow.Set{sets[0].blk: true})
	for _, w := range before {
		if early[w.blk] || w.blk == sets[0].blk && w.dest.Pos() < sets[0].dest.Pos() {
			return false
		}
	}
	return true
}

// halfway tells whether e is (lo+hi)/2, in one of the ways in which that is written.
func (v *view) halfway(e, lo, hi ast.Expr, rounds bool) bool {
	bin, ok := v.unconverted(e).(*ast.BinaryExpr) // int(uint(lo+hi) >> 1)
	if !ok {
		return false
	}
	if bin.Op == token.ADD {
		half, ok := ast.Unparen(bin.Y).(*ast.BinaryExpr)
		return ok && same(bin.X, lo) && v.isHalf(half) && v.sumOf(half.X, token.SUB, hi, lo)
	}
	return v.isHalf(bin) && (!rounds || bin.Op == token.SHR) && (v.sumOf(bin.X, token.ADD, lo, hi) || v.sumOf(bin.X, token.ADD, hi, lo))
}

func (v *view) isHalf(e *ast.BinaryExpr) bool {
	c, ok := v.Constant(e.Y)
	return ok && (e.Op == token.QUO && c == 2 || e.Op == token.SHR && c == 1)
}

// sumOf tells whether e is x op y, perhaps converted.
func (v *view) sumOf(e ast.Expr, op token.Token, x, y ast.Expr) bool {
	bin, ok := v.unconverted(e).(*ast.BinaryExpr)
	return ok && bin.Op == op && same(bin.X, x) && same(bin.Y, y)
}

// unconverted returns what conversions to wide types are of.
func (v *view) unconverted(e ast.Expr) ast.Expr {
	for v.Converted(e) != nil && code.Wide(v.TypeOf(e)) {
		e = v.Converted(e)
	}
	return ast.Unparen(e)
}
