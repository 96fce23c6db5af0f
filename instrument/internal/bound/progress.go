package bound

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/gvthread/gvthread/instrument/internal/code"
)

// progressing bounds for statements of which every round moves one of several variables
// through data: each in one direction only, as an index that is checked in every round
// that moves it, or as a slice that gets shorter. Then the rounds are no more than the
// lengths together. A loop that merges two slices is of this kind.
func progressing(v *view) Limit {
	if _, ok := v.loop.Stmt.(*ast.ForStmt); !ok {
		return Limit{}
	}
	var moves []write
	var via []types.Object
	var names []string
	for _, obj := range v.dests {
		ws := v.writes[obj]
		switch kind := v.oneWay(ws[0].dest); kind {
		case shrink:
			names = append(names, "the length of "+obj.Name())
		case up, down:
			if !v.checked(ws, kind) {
				continue
			}
			names = append(names, "what "+obj.Name()+" indexes")
		default:
			continue
		}
		moves, via = append(moves, ws...), append(via, obj)
	}
	if len(moves) == 0 || !v.always(moves) {
		return Limit{}
	}
	return data(strings.Join(names, " and "), via...)
}

// checked tells whether every round that passes one of the writes, which move a
// variable in one direction, also compares it to the length of something.
func (v *view) checked(ws []write, kind change) bool {
	x := ws[0].dest
	if v.indexes(x) {
		return true
	}
	for _, cond := range v.comparing(token.LSS) {
		if kind == up && same(cond.X, x) && code.Wide(v.TypeOf(x)) && v.Sized(cond.Y, 0) && v.invariant(cond.Y) && v.startsAtZero(x) {
			return true
		}
	}
	checks := v.indexBlocks(x)
	if len(checks) == 0 {
		return false
	}
	open := v.loop.Open(v.region, checks)
	return !slices.ContainsFunc(ws, func(w write) bool { return open[w.blk] })
}

// startsAtZero tells whether x is not below zero when the loop begins.
func (v *view) startsAtZero(x ast.Expr) bool {
	if init := v.initial(x); init != nil && v.NotNegative(init) || code.IsUnsigned(v.TypeOf(x)) {
		return true
	}
	low, ok := v.Lowest(v.ObjectOf(x))
	return ok && low >= 0
}
