package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
)

func conjuncts(e ast.Expr) []ast.Expr {
	if bin, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && bin.Op == token.LAND {
		return append(conjuncts(bin.X), conjuncts(bin.Y)...)
	}
	if e == nil {
		return nil
	}
	return []ast.Expr{ast.Unparen(e)}
}

var mirrored = map[token.Token]token.Token{
	token.LSS: token.GTR, token.GTR: token.LSS, token.LEQ: token.GEQ, token.GEQ: token.LEQ, token.NEQ: token.NEQ,
}

// conditionBounds tells whether a loop's condition bounds it, and notes how.
func (s *scan) conditionBounds(f *function, stmt *ast.ForStmt, cond ast.Expr) bool {
	bin, ok := cond.(*ast.BinaryExpr)
	if !ok || mirrored[bin.Op] == token.ILLEGAL {
		return false
	}
	return s.comparison(f, stmt, bin.X, bin.Op, bin.Y) || s.comparison(f, stmt, bin.Y, mirrored[bin.Op], bin.X)
}

func (s *scan) comparison(f *function, stmt *ast.ForStmt, v ast.Expr, op token.Token, limit ast.Expr) bool {
	v = ast.Unparen(v)
	add := int64(0)
	if sum, ok := v.(*ast.BinaryExpr); ok && (sum.Op == token.ADD || sum.Op == token.SUB) {
		if c, ok := s.constant(sum.Y); ok && c >= -maxFixed && c <= maxFixed {
			v, add = ast.Unparen(sum.X), c // i+4 < len(x)
			if sum.Op == token.SUB {
				add = -c
			}
		}
	}
	if !isInteger(s.typeOf(v)) || s.objectOf(v) == nil {
		return false
	}
	ok := false
	m := s.monotone(f, v)
	kind := m.change
	if add != 0 && (!wide(s.typeOf(v)) || op == token.NEQ || kind != up && (kind != down || isUnsigned(s.typeOf(v)))) {
		return false // it may never be on the other side of the limit
	}
	switch kind {
	case halve:
		return s.halving(v, op, limit)
	case grow:
		return s.growing(v, op, limit, m)
	case up:
		ok = s.rising(stmt, v, op, limit, m, add)
	case down:
		ok = s.falling(stmt, v, op, limit, m, add)
	default:
		return false
	}
	if ok {
		s.via = []types.Object{s.objectOf(v)}
	}
	return ok
}

// halving bounds loops such as for x > 0 { x >>= 1 }.
func (s *scan) halving(v ast.Expr, op token.Token, limit ast.Expr) bool {
	c, ok := s.constant(limit)
	zero := true
	for _, w := range s.writes[s.objectOf(v)] {
		zero = zero && w.toZero
	}
	if ok && (op == token.GTR && c >= 0 || op == token.GEQ && c >= 1 || op == token.NEQ && c == 0 && zero) {
		s.limit(byConst, wordBits, "the bits of "+s.objectOf(v).Name())
		return true
	}
	return false
}

// growing bounds loops such as for x := 1; x < n; x <<= 1.
func (s *scan) growing(v ast.Expr, op token.Token, limit ast.Expr, m motion) bool {
	start, ok := s.lowest(s.objectOf(v))
	const bitsToSpare = 14 // above those of any length
	if !ok || start <= 0 || op != token.LSS && op != token.LEQ || !wide(s.typeOf(v)) || m.most > bitsToSpare {
		return false
	}
	if c, isConst := s.constant(limit); isConst && c <= 1<<32 || s.sized(limit, 0) && s.invariant(limit) {
		s.limit(byConst, wordBits, "the bits of "+s.objectOf(v).Name())
		return true
	}
	return false
}

// initial returns the value that the loop's own init statement gives to v.
func (s *scan) initial(stmt *ast.ForStmt, v ast.Expr) ast.Expr {
	init, ok := stmt.Init.(*ast.AssignStmt)
	if !ok || s.elsewhere[s.objectOf(v)] || len(init.Lhs) != len(init.Rhs) || init.Tok != token.ASSIGN && init.Tok != token.DEFINE {
		return nil
	}
	for i, l := range init.Lhs {
		if same(l, v) {
			return init.Rhs[i]
		}
	}
	return nil
}

// rising bounds loops such as for i := 0; i+add < n; i++.
func (s *scan) rising(stmt *ast.ForStmt, v ast.Expr, op token.Token, limit ast.Expr, m motion, add int64) bool {
	t := s.typeOf(v)
	start, end, fixed := int64(0), int64(0), false
	init := s.initial(stmt, v)
	if init != nil {
		start, fixed = s.constant(init)
	}
	if low, ok := s.lowest(s.objectOf(v)); ok && !fixed {
		start, fixed = low, true
	}
	fixed = fixed || isUnsigned(t)
	end, isConst := s.constant(limit)
	switch {
	case op == token.NEQ:
		// Only the step of one cannot leap over the limit, and only from what is
		// certainly not beyond it.
		if first, ok := s.constant(init); m.least != 1 || m.most != 1 || !ok || first > 0 || !s.notNegative(limit) {
			return false
		}
	case op == token.LEQ:
		if !wide(t) || isConst && end >= maxFixed*maxFixed {
			return false // i <= limit can be true for every i
		}
	case op != token.LSS || m.most != 1 && !wide(t) && !isConst:
		return false
	}
	if isConst {
		if !fixed || m.least > maxFixed {
			return false
		}
		end = distance(add, end)
		last := end + m.most
		if op == token.LSS {
			last--
		}
		if !wide(t) && !s.fits(t, last) {
			return false // the counter wraps before it meets the limit
		}
		trips := distance(start, end)/m.least + 1
		if op == token.LSS && distance(start, end)%m.least == 0 {
			trips--
		}
		s.limit(byConst, max(0, trips), "the constant")
		return true
	}
	if (fixed || init != nil && s.notNegative(init)) && s.sized(limit, 0) && s.invariant(limit) {
		s.limit(byData, 0, "a length")
		return true
	}
	return false
}

// fits tells whether a value of integer type t can be v.
func (s *scan) fits(t types.Type, v int64) bool {
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		return false
	}
	switch b.Kind() {
	case types.Int8:
		return v < 1<<7
	case types.Uint8:
		return v < 1<<8
	case types.Int16:
		return v < 1<<15
	case types.Uint16:
		return v < 1<<16
	case types.Int32:
		return v < 1<<31
	case types.Uint32:
		return v < 1<<32
	}
	return true
}

// falling bounds loops such as for i := len(x) - 1; i+add >= 0; i--.
func (s *scan) falling(stmt *ast.ForStmt, v ast.Expr, op token.Token, limit ast.Expr, m motion, add int64) bool {
	c, ok := s.constant(limit)
	unsigned := isUnsigned(s.typeOf(v))
	switch {
	case !ok || op != token.GTR && op != token.GEQ || c < 0:
		return false
	case unsigned && (op == token.GEQ && c < m.most || op == token.GTR && c < m.most-1):
		return false // it wraps around below zero
	case !wide(s.typeOf(v)) && !s.fits(s.typeOf(v), m.most):
		return false // it wraps around below the least value
	}
	init := s.initial(stmt, v)
	if init == nil {
		if s.sized(v, 0) {
			s.limit(byData, 0, "a length")
			return true
		}
		return false
	}
	if start, ok := s.constant(init); ok {
		s.limit(byConst, max(0, distance(c-add, start)/m.least+1), "the constant")
		return true
	}
	if s.sized(init, 0) {
		s.limit(byData, 0, "a length")
		return true
	}
	return false
}
