package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// progresses tells whether every round moves one of several variables through data:
// each in one direction only, as an index that is checked in every round that moves
// it, or as a slice that gets shorter. Then the rounds are no more than the lengths
// together. A loop that merges two slices is of this kind.
func (s *scan) progresses(stmt *ast.ForStmt) bool {
	var moves []write
	var via []types.Object
	var names []string
	for _, obj := range s.dests {
		ws := s.writes[obj]
		switch kind := s.oneWay(ws[0].dest); kind {
		case shrink:
			names = append(names, "the length of "+obj.Name())
		case up, down:
			if !s.checked(stmt, ws, kind) {
				continue
			}
			names = append(names, "what "+obj.Name()+" indexes")
		default:
			continue
		}
		moves, via = append(moves, ws...), append(via, obj)
	}
	if len(moves) == 0 || !s.always(moves) {
		return false
	}
	s.limit(byData, 0, strings.Join(names, " and "))
	s.via = via
	return true
}

// checked tells whether every round that passes one of the writes, which move a
// variable in one direction, also compares it to the length of something.
func (s *scan) checked(stmt *ast.ForStmt, ws []write, kind change) bool {
	v := ws[0].dest
	if s.indexes(v) {
		return true
	}
	for _, c := range conjuncts(stmt.Cond) {
		cond, ok := c.(*ast.BinaryExpr)
		if ok && kind == up && cond.Op == token.LSS && same(cond.X, v) && wide(s.typeOf(v)) && s.sized(cond.Y, 0) && s.invariant(cond.Y) && s.startsAtZero(stmt, v) {
			return true
		}
	}
	checks := s.indexBlocks(v)
	if len(checks) == 0 {
		return false
	}
	open := s.edge.Open(s.region, checks)
	for _, w := range ws {
		if open[w.blk] {
			return false
		}
	}
	return true
}

// startsAtZero tells whether v is not below zero when the loop begins.
func (s *scan) startsAtZero(stmt *ast.ForStmt, v ast.Expr) bool {
	if init := s.initial(stmt, v); init != nil && s.notNegative(init) || isUnsigned(s.typeOf(v)) {
		return true
	}
	low, ok := s.lowest(s.objectOf(v))
	return ok && low >= 0
}

// bisects tells whether the loop is a binary search: every round looks at the
// element in the middle of an interval and goes on in one half.
func (s *scan) bisects(stmt *ast.ForStmt) bool {
	for _, c := range conjuncts(stmt.Cond) {
		cond, ok := c.(*ast.BinaryExpr)
		if !ok || cond.Op != token.LSS && cond.Op != token.LEQ {
			continue
		}
		lo, hi := ast.Unparen(cond.X), ast.Unparen(cond.Y)
		if sum, ok := lo.(*ast.BinaryExpr); ok && sum.Op == token.ADD {
			if d, ok := s.constant(sum.Y); ok && d >= 0 {
				lo = ast.Unparen(sum.X) // lo+16 <= hi
			}
		}
		if s.isBound(lo) && s.isBound(hi) && s.bisected(lo, hi, cond.Op == token.LSS) {
			s.limit(byConst, wordBits, "the bits of "+s.objectOf(hi).Name())
			return true
		}
	}
	return false
}

func (s *scan) isBound(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && s.local(s.info.ObjectOf(id)) && wide(s.typeOf(e)) && !isUnsigned(s.typeOf(e)) && s.objectOf(e) != nil
}

// bisected tells whether every round sets lo or hi to the middle between them, or
// one or more beyond it. open is set if the interval does not hold hi.
func (s *scan) bisected(lo, hi ast.Expr, open bool) bool {
	ws := append(append([]write(nil), s.writes[s.objectOf(lo)]...), s.writes[s.objectOf(hi)]...)
	if len(ws) == 0 || !s.always(ws) {
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
			c, isConst := s.constant(bin.Y)
			switch {
			case !isConst || c <= 0 || c > maxFixed:
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
	return s.isMiddle(mid, lo, hi, ws, rounds)
}

// isMiddle tells whether every round first sets mid to the middle of lo and hi, and
// indexes something by it, so that it has not overflowed.
func (s *scan) isMiddle(mid, lo, hi ast.Expr, before []write, rounds bool) bool {
	sets := s.writes[s.objectOf(mid)]
	if len(sets) != 1 || sets[0].rhs == nil || !s.isBound(mid) || !s.always(sets) || !s.indexes(mid) || !s.halfway(sets[0].rhs, lo, hi, rounds) {
		return false
	}
	early := flow.Forward(s.edge.Head, s.region, flow.Set{sets[0].blk: true})
	for _, w := range before {
		if early[w.blk] || w.blk == sets[0].blk && w.dest.Pos() < sets[0].dest.Pos() {
			return false
		}
	}
	return true
}

// halfway tells whether e is (lo+hi)/2, in one of the ways in which that is written.
func (s *scan) halfway(e, lo, hi ast.Expr, rounds bool) bool {
	e = ast.Unparen(e)
	if call, ok := e.(*ast.CallExpr); ok && len(call.Args) == 1 && s.info.Types[call.Fun].IsType() && wide(s.typeOf(e)) {
		return s.halfway(call.Args[0], lo, hi, rounds) // int(uint(lo+hi) >> 1)
	}
	bin, ok := e.(*ast.BinaryExpr)
	if !ok {
		return false
	}
	if bin.Op == token.ADD {
		half, ok := ast.Unparen(bin.Y).(*ast.BinaryExpr)
		return ok && same(bin.X, lo) && s.isHalf(half) && s.sumOf(half.X, token.SUB, hi, lo)
	}
	return s.isHalf(bin) && (!rounds || bin.Op == token.SHR) && (s.sumOf(bin.X, token.ADD, lo, hi) || s.sumOf(bin.X, token.ADD, hi, lo))
}

func (s *scan) isHalf(e *ast.BinaryExpr) bool {
	c, ok := s.constant(e.Y)
	return ok && (e.Op == token.QUO && c == 2 || e.Op == token.SHR && c == 1)
}

// sumOf tells whether e is x op y, perhaps converted to another wide type.
func (s *scan) sumOf(e ast.Expr, op token.Token, x, y ast.Expr) bool {
	e = ast.Unparen(e)
	if call, ok := e.(*ast.CallExpr); ok && len(call.Args) == 1 && s.info.Types[call.Fun].IsType() && wide(s.typeOf(e)) {
		return s.sumOf(call.Args[0], op, x, y)
	}
	bin, ok := e.(*ast.BinaryExpr)
	return ok && bin.Op == op && same(bin.X, x) && same(bin.Y, y)
}
