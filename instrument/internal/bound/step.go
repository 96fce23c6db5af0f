package bound

import (
	"go/ast"
	goconstant "go/constant"
	"go/token"
	"slices"

	"github.com/gvthread/gvthread/instrument/internal/code"
)

// stepping bounds loops that move an index by an amount that is no constant.
//
// An index that moves by the same step in every round, and that passes the bounds
// check in every round, never comes to an element again: two numbers that are both
// within a length differ by the step itself, whatever overflows on other ways. So
// the data bound the rounds, unless the step is zero. That must be ruled out: a number
// of rounds that the loop counts beside it is no length of anything.
func stepping(v *view) Limit {
	for _, w := range v.steps() {
		if v.notZero(w.by) || v.endsByStep(w.dest, w.by) {
			return data("what " + v.ObjectOf(w.dest).Name() + " indexes")
		}
	}
	return Limit{}
}

// steps returns the writes that move an index by the same step in every round.
func (v *view) steps() []write {
	var out []write
	for _, obj := range v.dests {
		w := v.writes[obj][0]
		if v.monotone(w.dest).change == stride && len(v.writes[obj]) == 1 && code.Wide(v.TypeOf(w.dest)) &&
			!v.inner(w.blk) && v.invariant(w.by) && v.indexes(w.dest) {
			out = append(out, w)
		}
	}
	return out
}

// countsSteps returns the index that a loop moves by a step which may be zero, if the
// loop ends by a count of its own: "" if it is not of that kind.
func (v *view) countsSteps() string {
	if steps := v.steps(); v.endsByCount() && len(steps) > 0 {
		return v.ObjectOf(steps[0].dest).Name()
	}
	return ""
}

// endsByCount tells whether a loop counts towards a number that stays the same, however
// great.
func (v *view) endsByCount() bool {
	if stmt, ok := v.loop.Stmt.(*ast.RangeStmt); ok {
		return code.IsInteger(v.TypeOf(stmt.X))
	}
	for _, c := range v.comparisons() {
		rises := c.change == up && (c.op == token.LSS || c.op == token.LEQ)
		falls := c.change == down && (c.op == token.GTR || c.op == token.GEQ)
		if (rises || falls) && v.invariant(c.limit) {
			return true
		}
	}
	return false
}

// endsByStep tells whether the loop's condition is x < n*step, or the like, for an x
// that is not below zero: with a step of zero there is no round at all.
func (v *view) endsByStep(x, step ast.Expr) bool {
	init := v.initial(x)
	if !code.IsUnsigned(v.TypeOf(x)) && (init == nil || !v.NotNegative(init)) {
		return false
	}
	return slices.ContainsFunc(v.comparing(token.LSS), func(cond *ast.BinaryExpr) bool {
		limit, ok := ast.Unparen(cond.Y).(*ast.BinaryExpr)
		return ok && same(cond.X, x) && limit.Op == token.MUL && (same(limit.X, step) || same(limit.Y, step))
	})
}

// notZero tells whether e, which the loop leaves alone, is certainly not zero in
// it: every way to the loop passes an if statement that says so.
func (v *view) notZero(e ast.Expr) bool {
	e = ast.Unparen(e)
	if c, ok := v.Constant(e); ok {
		return c != 0
	}
	if from := v.Converted(e); from != nil {
		return code.Wide(v.TypeOf(e)) && code.Wide(v.TypeOf(from)) && v.notZero(from)
	}
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	// Set once, so that it is still what it was when it was looked at.
	if !v.SetOnce(v.Info.ObjectOf(id)) {
		return false
	}
	return !v.fn.Graph.Reaches(v.loop.Head, func(cond ast.Expr, truth bool) bool { return v.saysNotZero(cond, truth, id) })
}

// saysNotZero tells whether id cannot be zero where a condition is what truth says.
func (v *view) saysNotZero(cond ast.Expr, truth bool, id *ast.Ident) bool {
	switch cond := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		return cond.Op == token.NOT && v.saysNotZero(cond.X, !truth, id)
	case *ast.BinaryExpr:
		if cond.Op == token.LAND && truth || cond.Op == token.LOR && !truth {
			return v.saysNotZero(cond.X, truth, id) || v.saysNotZero(cond.Y, truth, id)
		}
		op, limit := cond.Op, cond.Y
		if v.ObjectOf(cond.X) != v.ObjectOf(id) {
			op, limit = mirrored[op], cond.X
			if v.ObjectOf(cond.Y) != v.ObjectOf(id) {
				return false
			}
		}
		c, ok := v.Constant(limit)
		// The condition is not what truth says for zero.
		return ok && mirrored[op] != token.ILLEGAL && goconstant.Compare(goconstant.MakeInt64(0), op, goconstant.MakeInt64(c)) != truth
	}
	return false
}
