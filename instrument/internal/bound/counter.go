package bound

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// counter looks for a variable that moves by exactly one in every round, and for a
// stride check that such a variable already runs.
func (v *view) counter() (counter *ast.Ident, strided *flow.Block) {
	var found []*ast.Ident
	switch stmt := v.loop.Stmt.(type) {
	case *ast.RangeStmt:
		if id, ok := stmt.Key.(*ast.Ident); ok && stmt.Tok == token.DEFINE && countsKeys(v.TypeOf(stmt.X)) && v.counts(id) {
			found = append(found, id)
		}
	default:
		for _, obj := range v.dests {
			if w := v.writes[obj][0]; w.step == 1 {
				if id, ok := w.dest.(*ast.Ident); ok && v.counts(id) {
					found = append(found, id)
				}
			}
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	// The first in the text: a choice that inserted checks don't change.
	slices.SortFunc(found, func(a, b *ast.Ident) int { return cmp.Compare(a.Pos(), b.Pos()) })
	for _, blk := range v.order {
		if slices.ContainsFunc(found, func(id *ast.Ident) bool { return v.strides(blk, v.Info.ObjectOf(id)) }) {
			strided = blk
		}
	}
	return found[0], strided
}

// countsKeys tells whether a range over t has keys that go up by one. A string's
// don't: they skip the bytes within a character, and so could miss every stride.
func countsKeys(t types.Type) bool {
	switch t := code.CoreType(t).(type) {
	case *types.Slice, *types.Array, *types.Pointer:
		return true
	case *types.Basic:
		return t.Info()&types.IsInteger != 0
	}
	return false
}

// counts tells whether id is written once in every round and nowhere else.
func (v *view) counts(id *ast.Ident) bool {
	obj := v.Info.ObjectOf(id)
	if obj == nil || id.Name == "_" || !v.Local(obj) || code.Bits(obj.Type()) <= 8 {
		return false
	}
	ws := v.writes[obj]
	return len(ws) == 1 && !v.inner(ws[0].blk) && v.always(ws) && v.Lookup(id.Name, v.checkPos()) == obj
}

// strides tells whether a block ends in `if i&1023 == 0 { gv.Safepoint() }`, or with any
// other power of two or remainder, for the variable obj.
func (v *view) strides(blk *flow.Block, obj types.Object) bool {
	if len(blk.Nodes) == 0 || len(blk.Succs) != 2 || v.inner(blk) {
		return false
	}
	cond, ok := blk.Nodes[len(blk.Nodes)-1].(*ast.BinaryExpr)
	if !ok || cond.Op != token.EQL {
		return false
	}
	and, ok := ast.Unparen(cond.X).(*ast.BinaryExpr)
	if !ok || and.Op != token.AND {
		return false
	}
	id, ok := and.X.(*ast.Ident)
	mask, ok2 := v.Constant(and.Y)
	rest, ok3 := v.Constant(cond.Y)
	if !ok || !ok2 || !ok3 || v.Info.ObjectOf(id) != obj || mask < 0 || mask&(mask+1) != 0 || mask > 1<<15 || rest&^mask != 0 {
		return false
	}
	return slices.ContainsFunc(v.fn.Calls[blk.Succs[0]], func(c code.Call) bool {
		return c.Sure && c.Obj != nil && v.Known.Yielding(c.Obj)
	})
}

// checkPos returns where the check of every round goes.
func (v *view) checkPos() token.Pos {
	if v.loop.Body != nil {
		return v.loop.Body.Lbrace + 1
	}
	return v.loop.Stmt.Pos()
}
