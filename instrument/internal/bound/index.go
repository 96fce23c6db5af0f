package bound

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// indexes tells whether every round indexes or slices something by x, give or take
// what stays the same, so that the bounds check ends the loop at the latest.
func (v *view) indexes(x ast.Expr) bool {
	if slices.ContainsFunc(v.conds, func(c ast.Expr) bool { return v.indexedBy(c, x) }) {
		return true
	}
	cut := v.indexBlocks(x)
	return len(cut) > 0 && v.loop.Covered(v.region, cut)
}

// indexBlocks returns the blocks that index or slice something by x.
func (v *view) indexBlocks(x ast.Expr) flow.Set {
	cut := flow.Set{}
	for _, blk := range v.order {
		for _, n := range blk.Nodes {
			if e, ok := n.(ast.Expr); (!ok || !v.unevaluated[e]) && v.indexedBy(n, x) {
				cut[blk] = true
			}
		}
	}
	return cut
}

func (v *view) indexedBy(n ast.Node, x ast.Expr) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && v.Info.Types[e].Value != nil {
			return false // len(x[x]) of arrays, say, which looks at no element
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				found = found || v.indexedBy(n.X, x)
				return false
			}
		case *ast.IndexExpr:
			if v.isElement(n.X) && v.isOffset(n.Index, x) && v.invariant(n.X) {
				found = true
			}
		case *ast.SliceExpr:
			if v.isElement(n.X) && v.invariant(n.X) {
				found = found || n.Low != nil && v.isOffset(n.Low, x) || n.High != nil && v.isOffset(n.High, x)
			}
		}
		return !found
	})
	return found
}

// isElement tells whether an index of x is checked against a length.
func (v *view) isElement(x ast.Expr) bool {
	tv, ok := v.Info.Types[x]
	if !ok || !tv.IsValue() || code.Lengthless(tv.Type) {
		return false
	}
	switch t := code.CoreType(tv.Type).(type) {
	case *types.Slice, *types.Array:
		return true
	case *types.Pointer:
		_, ok := t.Elem().Underlying().(*types.Array)
		return ok
	case *types.Basic:
		return t.Info()&types.IsString != 0
	}
	return false
}

// isOffset tells whether e is x, give or take something that stays the same.
func (v *view) isOffset(e, x ast.Expr) bool {
	e = ast.Unparen(e)
	if same(e, x) {
		return v.ObjectOf(e) == v.ObjectOf(x) && code.Wide(v.TypeOf(e))
	}
	bin, ok := e.(*ast.BinaryExpr)
	if !ok || bin.Op != token.ADD && bin.Op != token.SUB {
		return false
	}
	return v.isOffset(bin.X, x) && v.invariant(bin.Y) || bin.Op == token.ADD && v.isOffset(bin.Y, x) && v.invariant(bin.X)
}
