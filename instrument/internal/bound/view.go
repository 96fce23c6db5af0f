package bound

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// A view is what some blocks of a loop do to variables. It does not change once it is
// made.
type view struct {
	*code.Package
	fn     *code.Function
	loop   *flow.Loop
	region flow.Set
	order  []*flow.Block // the region, in the order of the text
	conds  []ast.Expr    // those of a for statement, which must all hold for another round

	dests  []types.Object           // what the blocks write, in that order
	writes map[types.Object][]write // by dests
	// elsewhere holds what the loop writes outside of the blocks.
	elsewhere map[types.Object]bool
	// unevaluated holds what is ranged over without being looked at, as only its length
	// is needed, which is a constant.
	unevaluated map[ast.Expr]bool
	calls       bool         // the blocks call something that could write fields and globals
	maps        bool         // they write elements of maps
	stored      []types.Type // of what they write through pointers
	// replaced holds the types of what they write as a whole, with all fields, where
	// some pointer may point to it.
	replaced []types.Type
}

func newView(p *code.Package, fn *code.Function, l *flow.Loop, region flow.Set) *view {
	v := &view{
		Package: p, fn: fn, loop: l, region: region, writes: map[types.Object][]write{},
		elsewhere: map[types.Object]bool{}, unevaluated: map[ast.Expr]bool{},
	}
	if stmt, ok := l.Stmt.(*ast.ForStmt); ok {
		v.conds = conjuncts(stmt.Cond)
	}
	for _, blk := range l.Blocks {
		if !region[blk] {
			v.noteElsewhere(blk)
			continue
		}
		v.order = append(v.order, blk)
		if r := blk.Ranges; r != nil && r.Value == nil && code.Is[*types.Array](code.Dereferenced(v.TypeOf(r.X))) {
			v.unevaluated[r.X] = true
		}
		for _, n := range blk.Nodes {
			v.note(blk, n)
		}
		for _, c := range fn.Calls[blk] {
			v.calls = v.calls || !v.Harmless(c)
		}
	}
	return v
}

// note records the writes of a node.
func (v *view) note(blk *flow.Block, n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.IncDecStmt:
			kind := up
			if n.Tok == token.DEC {
				kind = down
			}
			v.record(blk, n.X, write{kind: kind, step: 1})
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				w := write{}
				if len(n.Lhs) == len(n.Rhs) {
					w = v.classify(l, n.Tok, n.Rhs[i])
					if n.Tok == token.ASSIGN || n.Tok == token.DEFINE {
						w.rhs = n.Rhs[i]
					}
				}
				v.record(blk, l, w)
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				v.record(blk, id, write{})
			}
		case *ast.CallExpr:
			if t := v.Overwrites(n); t != nil {
				v.replaced = append(v.replaced, t)
			}
		}
		return true
	})
}

// noteElsewhere records the writes of a block that is not looked at.
func (v *view) noteElsewhere(blk *flow.Block) {
	t := &view{Package: v.Package, writes: map[types.Object][]write{}}
	for _, n := range blk.Nodes {
		t.note(blk, n)
	}
	for _, obj := range t.dests {
		v.elsewhere[obj] = true
	}
}

func (v *view) record(blk *flow.Block, dest ast.Expr, w write) {
	x := ast.Unparen(dest)
	switch x := x.(type) {
	case *ast.StarExpr:
		v.stored = append(v.stored, v.TypeOf(dest))
	case *ast.IndexExpr:
		v.maps = v.maps || code.Is[*types.Map](v.TypeOf(x.X))
	}
	if id, ok := x.(*ast.Ident); (!ok || !v.Local(v.Info.ObjectOf(id))) && code.HasFields(v.TypeOf(dest)) {
		v.replaced = append(v.replaced, v.TypeOf(dest))
	}
	if obj := v.ObjectOf(dest); obj != nil {
		if v.writes[obj] == nil {
			v.dests = append(v.dests, obj)
		}
		w.blk, w.dest = blk, dest
		v.writes[obj] = append(v.writes[obj], w)
	}
}

// always tells whether every round passes one of the writes.
func (v *view) always(ws []write) bool {
	cut := flow.Set{}
	for _, w := range ws {
		cut[w.blk] = true
	}
	return v.loop.Covered(v.region, cut)
}

// inner tells whether blk is in a loop within this one.
func (v *view) inner(blk *flow.Block) bool {
	for _, in := range blk.Loops {
		if in != v.loop && v.region[in.Head] && in.Head != v.loop.Head && !in.Region[v.loop.Head] {
			return true
		}
	}
	return false
}
