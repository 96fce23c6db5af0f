package bound

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"

	"github.com/gvthread/gvthread/instrument/internal/code"
)

// conjuncts returns what must all hold for e to hold.
func conjuncts(e ast.Expr) []ast.Expr {
	if bin, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && bin.Op == token.LAND {
		return append(conjuncts(bin.X), conjuncts(bin.Y)...)
	}
	if e == nil {
		return nil
	}
	return []ast.Expr{ast.Unparen(e)}
}

// comparing returns the comparisons by one of some operators among the conditions of another
// round.
func (v *view) comparing(ops ...token.Token) []*ast.BinaryExpr {
	var out []*ast.BinaryExpr
	for _, c := range v.conds {
		if bin, ok := c.(*ast.BinaryExpr); ok && slices.Contains(ops, bin.Op) {
			out = append(out, bin)
		}
	}
	return out
}

// mirrored has the operators that compare, and for each the one with its operands swapped.
var mirrored = map[token.Token]token.Token{
	token.LSS: token.GTR, token.GTR: token.LSS, token.LEQ: token.GEQ, token.GEQ: token.LEQ, token.NEQ: token.NEQ, token.EQL: token.EQL,
}

// A comparison is one of those that must all hold for another round: of a variable that
// every round moves in one direction, give or take a constant, with something.
type comparison struct {
	x     ast.Expr
	add   int64
	op    token.Token
	limit ast.Expr
	motion
}

// comparisons returns the comparisons in the condition of a for statement.
func (v *view) comparisons() []comparison {
	var out []comparison
	for _, bin := range v.comparing(slices.Collect(maps.Keys(mirrored))...) {
		for _, c := range []comparison{{x: bin.X, op: bin.Op, limit: bin.Y}, {x: bin.Y, op: mirrored[bin.Op], limit: bin.X}} {
			if v.moves(&c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// moves finds out which variable is compared, and how every round moves it.
func (v *view) moves(c *comparison) bool {
	c.x = ast.Unparen(c.x)
	if sum, ok := c.x.(*ast.BinaryExpr); ok && (sum.Op == token.ADD || sum.Op == token.SUB) {
		if add, ok := v.Constant(sum.Y); ok && add >= -code.MaxFixed && add <= code.MaxFixed {
			c.x, c.add = ast.Unparen(sum.X), add // i+4 < len(x)
			if sum.Op == token.SUB {
				c.add = -add
			}
		}
	}
	t := v.TypeOf(c.x)
	if !code.IsInteger(t) || v.ObjectOf(c.x) == nil {
		return false
	}
	c.motion = v.monotone(c.x)
	switch {
	case c.add == 0:
		return c.change != other
	case !code.Wide(t) || c.op == token.NEQ || code.IsUnsigned(t) && c.change == down:
		return false // it may never be on the other side of the limit
	}
	return c.change == up || c.change == down
}
