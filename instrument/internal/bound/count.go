package bound

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/gvthread/gvthread/instrument/internal/code"
)

// counted bounds loops that count towards something.
func counted(v *view) Limit {
	var best Limit
	for _, c := range v.comparisons() {
		found := Limit{}
		switch c.change {
		case up:
			found = v.rising(c)
		case down:
			found = v.falling(c)
		}
		if found.Kind >= best.Kind && found.Kind != None {
			found.via = []types.Object{v.ObjectOf(c.x)}
			best = found
		}
		if best.Kind == Constant {
			break
		}
	}
	return best
}

// initial returns the value that the loop's own init statement gives to x.
func (v *view) initial(x ast.Expr) ast.Expr {
	stmt, ok := v.loop.Stmt.(*ast.ForStmt)
	if !ok {
		return nil
	}
	init, ok := stmt.Init.(*ast.AssignStmt)
	if !ok || v.elsewhere[v.ObjectOf(x)] || len(init.Lhs) != len(init.Rhs) || init.Tok != token.ASSIGN && init.Tok != token.DEFINE {
		return nil
	}
	for i, l := range init.Lhs {
		if same(l, x) {
			return init.Rhs[i]
		}
	}
	return nil
}

// rising bounds loops such as for i := 0; i+add < n; i++.
func (v *view) rising(c comparison) Limit {
	t := v.TypeOf(c.x)
	init := v.initial(c.x)
	start, fixed := v.Constant(init)
	if low, ok := v.Lowest(v.ObjectOf(c.x)); ok && !fixed {
		start, fixed = low, true
	}
	fixed = fixed || code.IsUnsigned(t)
	end, isConst := v.Constant(c.limit)
	switch {
	case c.op == token.NEQ:
		// Only the step of one cannot leap over the limit, and only from what is
		// certainly not beyond it.
		if first, ok := v.Constant(init); c.least != 1 || c.most != 1 || !ok || first > 0 || !v.NotNegative(c.limit) {
			return Limit{}
		}
	case c.op == token.LEQ:
		if !code.Wide(t) || isConst && end >= code.MaxFixed*code.MaxFixed {
			return Limit{} // i <= limit can be true for every i
		}
	case c.op != token.LSS || c.most != 1 && !code.Wide(t) && !isConst:
		return Limit{}
	}
	switch {
	case isConst && fixed && c.least <= code.MaxFixed:
		return c.upTo(t, start, distance(c.add, end))
	case !isConst && (fixed || init != nil && v.NotNegative(init)) && v.Sized(c.limit, 0) && v.invariant(c.limit):
		return data("a length")
	}
	return Limit{}
}

// upTo bounds a counter of type t that rises from one constant to another.
func (c comparison) upTo(t types.Type, start, end int64) Limit {
	last, rounds := end+c.most, distance(start, end)/c.least+1
	if c.op == token.LSS {
		last--
		if distance(start, end)%c.least == 0 {
			rounds--
		}
	}
	if !fits(t, last) {
		return Limit{} // the counter wraps before it meets the limit
	}
	return constant(rounds, "the constant")
}

// fits tells whether a value of integer type t can be x.
func fits(t types.Type, x int64) bool {
	bits := code.Bits(t)
	if !code.IsUnsigned(t) {
		bits-- // for the sign
	}
	return bits >= 63 || x < 1<<bits
}

// falling bounds loops such as for i := len(x) - 1; i+add >= 0; i--.
func (v *view) falling(c comparison) Limit {
	t := v.TypeOf(c.x)
	end, ok := v.Constant(c.limit)
	switch {
	case !ok || c.op != token.GTR && c.op != token.GEQ || end < 0:
		return Limit{}
	case code.IsUnsigned(t) && (c.op == token.GEQ && end < c.most || c.op == token.GTR && end < c.most-1):
		return Limit{} // it wraps around below zero
	case !fits(t, c.most):
		return Limit{} // it wraps around below the least value
	}
	init := v.initial(c.x)
	if start, ok := v.Constant(init); ok {
		return constant(distance(end-c.add, start)/c.least+1, "the constant")
	}
	if init == nil {
		init = c.x
	}
	if v.Sized(init, 0) {
		return data("a length")
	}
	return Limit{}
}

// distance returns to-from, or a large number instead of one that overflows.
func distance(from, to int64) int64 {
	const far = 1 << 60
	return max(min(to, far), -far) - max(min(from, far), -far)
}
