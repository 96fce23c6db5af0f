package instrument

import (
	"go/ast"
	"go/token"

	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// steps tells whether v, which moves by an amount that is no constant, bounds the
// loop by what it indexes, and notes how.
//
// An index that moves by the same step in every round, and that passes the bounds
// check in every round, never comes to an element again: two numbers that are both
// within a length differ by the step itself, whatever overflows on other ways. So
// the data bound the rounds, unless the step is zero. That must be ruled out: a number
// of rounds that the loop counts beside it is no length of anything.
func (s *scan) steps(f *function, v ast.Expr) bool {
	obj := s.objectOf(v)
	if len(s.writes[obj]) != 1 || !wide(s.typeOf(v)) {
		return false
	}
	w := s.writes[obj][0]
	if s.inner(w.blk, f) || !s.invariant(w.by) || !s.indexes(v) {
		return false
	}
	if !s.notZero(f, w.by) && !s.endsByStep(v, w.by) {
		return false
	}
	s.limit(byData, 0, "what "+obj.Name()+" indexes")
	return true
}

// endsByStep tells whether the loop's condition is v < n*step, or the like, for a v
// that is not below zero: with a step of zero there is no round at all.
func (s *scan) endsByStep(v, step ast.Expr) bool {
	stmt, ok := s.edge.Stmt.(*ast.ForStmt)
	if !ok {
		return false
	}
	init := s.initial(stmt, v)
	if !isUnsigned(s.typeOf(v)) && (init == nil || !s.notNegative(init)) {
		return false
	}
	for _, c := range conjuncts(stmt.Cond) {
		cond, ok := c.(*ast.BinaryExpr)
		if !ok || cond.Op != token.LSS || !same(cond.X, v) {
			continue
		}
		limit, ok := ast.Unparen(cond.Y).(*ast.BinaryExpr)
		if ok && limit.Op == token.MUL && (same(limit.X, step) || same(limit.Y, step)) {
			return true
		}
	}
	return false
}

// notZero tells whether e, which the loop leaves alone, is certainly not zero in
// it: every way to the loop passes an if statement that says so.
func (s *scan) notZero(f *function, e ast.Expr) bool {
	e = ast.Unparen(e)
	if c, ok := s.constant(e); ok {
		return c != 0
	}
	if call, ok := e.(*ast.CallExpr); ok && len(call.Args) == 1 && s.info.Types[call.Fun].IsType() {
		return wide(s.typeOf(e)) && wide(s.typeOf(call.Args[0])) && s.notZero(f, call.Args[0])
	}
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	// Set once, so that it is still what it was when it was looked at.
	obj := s.info.ObjectOf(id)
	if v := s.vars[obj]; v == nil || !s.local(obj) || len(v.values) != 1 || v.rises || v.falls {
		return false
	}
	tested := false
	open := flow.Set{}
	stack := []*flow.Block{f.graph.Entry}
	for len(stack) > 0 {
		b := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if open[b] {
			continue
		}
		open[b] = true
		for i, next := range b.Succs {
			if b.Cond != nil && s.saysNotZero(b.Cond, i == 0, id) {
				tested = true
				continue
			}
			stack = append(stack, next)
		}
	}
	return tested && !open[s.edge.Head]
}

// saysNotZero tells whether id cannot be zero where a condition is what truth says.
func (s *scan) saysNotZero(cond ast.Expr, truth bool, id *ast.Ident) bool {
	switch cond := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		return cond.Op == token.NOT && s.saysNotZero(cond.X, !truth, id)
	case *ast.BinaryExpr:
		if cond.Op == token.LAND && truth || cond.Op == token.LOR && !truth {
			return s.saysNotZero(cond.X, truth, id) || s.saysNotZero(cond.Y, truth, id)
		}
		op, limit := cond.Op, cond.Y
		if !s.means(cond.X, id) {
			op, limit = mirrored[op], cond.X
			if cond.Op == token.EQL {
				op = token.EQL
			}
			if !s.means(cond.Y, id) {
				return false
			}
		}
		c, ok := s.constant(limit)
		if !ok {
			return false
		}
		switch op {
		case token.EQL:
			return c == 0 && !truth || c != 0 && truth
		case token.NEQ:
			return c == 0 && truth || c != 0 && !truth
		case token.LSS:
			return c >= 1 && !truth || c <= 0 && truth
		case token.LEQ:
			return c >= 0 && !truth || c < 0 && truth
		case token.GTR:
			return c >= 0 && truth || c < 0 && !truth
		case token.GEQ:
			return c >= 1 && truth || c <= 0 && !truth
		}
	}
	return false
}

func (s *scan) means(e ast.Expr, id *ast.Ident) bool {
	x, ok := ast.Unparen(e).(*ast.Ident)
	return ok && s.info.ObjectOf(x) == s.info.ObjectOf(id)
}
