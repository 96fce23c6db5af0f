package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
	"sort"

	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// indexes tells whether every round indexes or slices something by v, give or take
// what stays the same, so that the bounds check ends the loop at the latest.
func (s *scan) indexes(v ast.Expr) bool {
	if stmt, ok := s.edge.Stmt.(*ast.ForStmt); ok {
		// Another round begins only if the whole condition was true.
		for _, c := range conjuncts(stmt.Cond) {
			if s.indexedBy(c, v) {
				return true
			}
		}
	}
	cut := s.indexBlocks(v)
	return len(cut) > 0 && s.edge.Covered(s.region, cut)
}

// indexBlocks returns the blocks that index or slice something by v.
func (s *scan) indexBlocks(v ast.Expr) flow.Set {
	cut := flow.Set{}
	for _, blk := range s.order {
		for _, n := range blk.Nodes {
			if e, ok := n.(ast.Expr); (!ok || !s.unevaluated[e]) && s.indexedBy(n, v) {
				cut[blk] = true
			}
		}
	}
	return cut
}

func (s *scan) indexedBy(n ast.Node, v ast.Expr) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && s.info.Types[e].Value != nil {
			return false // len(x[v]) of arrays, say, which looks at no element
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				found = found || s.indexedBy(n.X, v)
				return false
			}
		case *ast.IndexExpr:
			if s.isElement(n.X) && s.isOffset(n.Index, v) && s.invariant(n.X) {
				found = true
			}
		case *ast.SliceExpr:
			if s.isElement(n.X) && s.invariant(n.X) {
				found = found || n.Low != nil && s.isOffset(n.Low, v) || n.High != nil && s.isOffset(n.High, v)
			}
		}
		return !found
	})
	return found
}

// isElement tells whether an index of x is checked against a length.
func (s *scan) isElement(x ast.Expr) bool {
	tv, ok := s.info.Types[x]
	if !ok || !tv.IsValue() || lengthless(tv.Type) {
		return false
	}
	switch t := coreType(tv.Type).(type) {
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

// isOffset tells whether e is v, give or take something that stays the same.
func (s *scan) isOffset(e, v ast.Expr) bool {
	e = ast.Unparen(e)
	if same(e, v) {
		return s.objectOf(e) == s.objectOf(v) && wide(s.typeOf(e))
	}
	bin, ok := e.(*ast.BinaryExpr)
	if !ok || bin.Op != token.ADD && bin.Op != token.SUB {
		return false
	}
	return s.isOffset(bin.X, v) && s.invariant(bin.Y) || bin.Op == token.ADD && s.isOffset(bin.Y, v) && s.invariant(bin.X)
}

// findCounter looks for variables that move by exactly one in every round, and
// for a stride check that one of them already runs.
func (s *scan) findCounter(f *function) {
	var found []*ast.Ident
	switch stmt := s.edge.Stmt.(type) {
	case *ast.RangeStmt:
		if id, ok := stmt.Key.(*ast.Ident); ok && stmt.Tok == token.DEFINE && countsKeys(s.typeOf(stmt.X)) && s.counts(f, id) {
			found = append(found, id)
		}
	default:
		for _, obj := range s.dests {
			if w := s.writes[obj][0]; w.step == 1 {
				if id, ok := w.dest.(*ast.Ident); ok && s.counts(f, id) {
					found = append(found, id)
				}
			}
		}
	}
	// The first in the text: a choice that inserted checks don't change.
	sort.Slice(found, func(i, j int) bool { return found[i].Pos() < found[j].Pos() })
	for _, id := range found {
		s.findStride(f, s.info.ObjectOf(id))
	}
	if len(found) > 0 {
		s.counter = found[0]
	}
}

// countsKeys tells whether a range over t has keys that go up by one. A string's
// don't: they skip the bytes within a character, and so could miss every stride.
func countsKeys(t types.Type) bool {
	switch t := coreType(t).(type) {
	case *types.Slice, *types.Array, *types.Pointer:
		return true
	case *types.Basic:
		return t.Info()&types.IsInteger != 0
	}
	return false
}

// counts tells whether id is written once in every round and nowhere else.
func (s *scan) counts(f *function, id *ast.Ident) bool {
	obj := s.info.ObjectOf(id)
	if obj == nil || id.Name == "_" || !s.local(obj) || !isInteger(obj.Type()) || isNarrow(obj.Type()) {
		return false
	}
	ws := s.writes[obj]
	return len(ws) == 1 && !s.inner(ws[0].blk, f) && s.always(ws) && s.lookup(id.Name, anchorOf(s.edge).positions()[0]) == obj
}

func isNarrow(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return !ok || b.Kind() == types.Int8 || b.Kind() == types.Uint8
}

// inner tells whether blk is in a loop within this one.
func (s *scan) inner(blk *flow.Block, f *function) bool {
	for _, b := range f.graph.Loops {
		if b != s.edge && s.region[b.Head] && b.Head != s.edge.Head && b.Region[blk] && !b.Region[s.edge.Head] {
			return true
		}
	}
	return false
}

// strideMask is the mask of the counter in a Stride check. It is compared with
// zero, because that is one instruction; with any other value it is three.
const strideMask = 1023

// findStride looks for `if i&1023 == 0 { gv.Safepoint() }`, or any other power of two or remainder.
func (s *scan) findStride(f *function, obj types.Object) {
	for _, blk := range s.order {
		if len(blk.Nodes) == 0 || len(blk.Succs) != 2 || s.inner(blk, f) {
			continue
		}
		cond, ok := blk.Nodes[len(blk.Nodes)-1].(*ast.BinaryExpr)
		if !ok || cond.Op != token.EQL {
			continue
		}
		and, ok := ast.Unparen(cond.X).(*ast.BinaryExpr)
		if !ok || and.Op != token.AND {
			continue
		}
		id, ok := and.X.(*ast.Ident)
		mask, ok2 := s.constant(and.Y)
		rest, ok3 := s.constant(cond.Y)
		if !ok || !ok2 || !ok3 || s.info.ObjectOf(id) != obj || mask < 0 || mask&(mask+1) != 0 || mask > 1<<15 || rest&^mask != 0 {
			continue
		}
		for _, c := range f.calls[blk.Succs[0]] {
			if c.sure && c.obj != nil && isYielding(c.obj) {
				s.strided = blk
			}
		}
	}
}
