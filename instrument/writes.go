package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
	"math/bits"

	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// A change is how a statement alters a variable.
type change uint8

const (
	other  change = iota
	up            // by a positive constant
	down          // by a positive constant
	grow          // to double or more, if it is positive; the step is in bits
	halve         // to half or less; to zero in the end
	shrink        // to its tail or head, by a positive constant
	stride        // by an amount that is no constant, up or down
)

// A write is a statement in a loop that alters a variable.
type write struct {
	blk  *flow.Block
	kind change
	step int64
	by   ast.Expr // of a stride
	rhs  ast.Expr // of a plain assignment
	dest ast.Expr
	// toZero is set on a halve that ends at zero even for a negative value.
	toZero bool
}

// scan is a loop under examination.
type scan struct {
	*unit
	*loop
	order  []*flow.Block            // the region, in a fixed order
	dests  []types.Object           // what the loop writes, in that order
	writes map[types.Object][]write // by dests
	// elsewhere holds what the loop writes outside of the blocks examined.
	elsewhere map[types.Object]bool
	// unevaluated holds what is ranged over without being looked at, as only its length
	// is needed, which is a constant.
	unevaluated map[ast.Expr]bool
	calls       bool         // it calls something that could write fields and globals
	stored      []types.Type // of what it writes through pointers
	// replaced holds the types of what it writes as a whole, with all fields, where
	// some pointer may point to it.
	replaced []types.Type
}

// harmless tells whether a call writes nothing but what it is given.
func (u *unit) harmless(c callee) bool {
	if c.obj != nil {
		if isYielding(c.obj) || intrinsicCost(c.obj) > 0 {
			return true
		}
		if len(c.funcs) == 1 {
			return c.funcs[0].pure
		}
		f := u.fact(c.obj)
		return f != nil && f.Pure
	}
	return u.builtin(c.call) != "" || u.info.Types[c.call.Fun].IsType()
}

// note records the writes of a node.
func (s *scan) note(blk *flow.Block, n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.IncDecStmt:
			kind := up
			if n.Tok == token.DEC {
				kind = down
			}
			s.record(blk, n.X, write{kind: kind, step: 1})
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				w := write{}
				if len(n.Lhs) == len(n.Rhs) {
					w = s.classify(l, n.Tok, n.Rhs[i])
					if n.Tok == token.ASSIGN || n.Tok == token.DEFINE {
						w.rhs = n.Rhs[i]
					}
				}
				s.record(blk, l, w)
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				s.record(blk, id, write{})
			}
		case *ast.CallExpr:
			if t := s.overwrites(n); t != nil {
				s.replaced = append(s.replaced, t)
			}
		}
		return true
	})
}

// overwrites returns the type of the elements that a builtin function writes, or nil.
func (u *unit) overwrites(call *ast.CallExpr) types.Type {
	switch u.builtin(call) {
	case "append", "copy", "clear":
		if slice, ok := coreType(u.typeOf(call.Args[0])).(*types.Slice); ok {
			return slice.Elem()
		}
	}
	return nil
}

// hasFields tells whether a value of type t has fields.
func hasFields(t types.Type) bool {
	if generic(t) {
		return true // perhaps
	}
	switch t := t.Underlying().(type) {
	case *types.Struct:
		return true
	case *types.Array:
		return hasFields(t.Elem())
	}
	return false
}

// contains tells whether field can be a part of a value of type t.
func contains(t types.Type, field *types.Var) bool {
	if generic(t) {
		return true
	}
	switch t := t.Underlying().(type) {
	case *types.Struct:
		for f := range t.Fields() {
			if f.Origin() == field.Origin() || contains(f.Type(), field) {
				return true
			}
		}
	case *types.Array:
		return contains(t.Elem(), field)
	}
	return false
}

// replaces tells whether the loop may write the whole of what e is a field of.
func (s *scan) replaces(e *ast.SelectorExpr) bool {
	field, ok := s.info.ObjectOf(e.Sel).(*types.Var)
	if !ok {
		return false
	}
	for _, t := range s.replaced {
		if contains(t, field) {
			return true
		}
	}
	return false
}

// noteElsewhere records the writes of a block that is not examined.
func (s *scan) noteElsewhere(blk *flow.Block) {
	t := &scan{unit: s.unit, loop: s.loop, writes: map[types.Object][]write{}}
	for _, n := range blk.Nodes {
		t.note(blk, n)
	}
	for _, obj := range t.dests {
		s.elsewhere[obj] = true
	}
}

func (s *scan) record(blk *flow.Block, dest ast.Expr, w write) {
	if _, ok := ast.Unparen(dest).(*ast.StarExpr); ok {
		s.stored = append(s.stored, s.typeOf(dest))
	}
	if id, ok := ast.Unparen(dest).(*ast.Ident); (!ok || !s.local(s.info.ObjectOf(id))) && hasFields(s.typeOf(dest)) {
		s.replaced = append(s.replaced, s.typeOf(dest))
	}
	if obj := s.objectOf(dest); obj != nil {
		if s.writes[obj] == nil {
			s.dests = append(s.dests, obj)
		}
		w.blk, w.dest = blk, dest
		s.writes[obj] = append(s.writes[obj], w)
	}
}

// classify says how `l tok r` alters l.
func (s *scan) classify(l ast.Expr, tok token.Token, r ast.Expr) write {
	op, operand := tok, r
	if tok == token.ASSIGN {
		if slice, ok := ast.Unparen(r).(*ast.SliceExpr); ok && same(slice.X, l) && !lengthless(s.typeOf(l)) {
			return s.classifySlice(slice)
		}
		bin, ok := ast.Unparen(r).(*ast.BinaryExpr)
		if !ok || !same(bin.X, l) {
			return write{}
		}
		op, operand = assignOps[bin.Op], bin.Y
	}
	if op == token.AND_ASSIGN {
		// x &= x - 1 clears a bit.
		if bin, ok := ast.Unparen(operand).(*ast.BinaryExpr); ok && bin.Op == token.SUB && same(bin.X, l) {
			if one, ok := s.constant(bin.Y); ok && one == 1 {
				return write{kind: halve, toZero: true}
			}
		}
	}
	c, ok := s.constant(operand)
	if !ok && (op == token.ADD_ASSIGN || op == token.SUB_ASSIGN) && wide(s.typeOf(l)) {
		return write{kind: stride, by: operand}
	}
	if !ok || c <= 0 || !isInteger(s.typeOf(l)) {
		return write{}
	}
	switch op {
	case token.ADD_ASSIGN:
		return write{kind: up, step: c}
	case token.SUB_ASSIGN:
		return write{kind: down, step: c}
	case token.SHL_ASSIGN:
		return write{kind: grow, step: min(c, wordBits)}
	case token.MUL_ASSIGN:
		if c >= 2 {
			return write{kind: grow, step: int64(bits.Len64(uint64(c)))}
		}
	case token.SHR_ASSIGN:
		return write{kind: halve, toZero: isUnsigned(s.typeOf(l))}
	case token.QUO_ASSIGN:
		if c >= 2 {
			return write{kind: halve, toZero: true}
		}
	}
	return write{}
}

var assignOps = map[token.Token]token.Token{
	token.ADD: token.ADD_ASSIGN, token.SUB: token.SUB_ASSIGN, token.SHR: token.SHR_ASSIGN,
	token.QUO: token.QUO_ASSIGN, token.AND: token.AND_ASSIGN, token.SHL: token.SHL_ASSIGN, token.MUL: token.MUL_ASSIGN,
}

// classifySlice says how x = x[lo:hi] alters x: x[1:] and x[:len(x)-1] shrink it.
func (s *scan) classifySlice(e *ast.SliceExpr) write {
	if e.Low != nil && (e.High == nil || s.isLenOf(e.High, e.X)) {
		if c, ok := s.constant(e.Low); ok && c > 0 {
			return write{kind: shrink}
		}
	}
	if bin, ok := e.High.(*ast.BinaryExpr); ok && e.Low == nil && bin.Op == token.SUB {
		c, isConst := s.constant(bin.Y)
		if isConst && c > 0 && s.isLenOf(bin.X, e.X) {
			return write{kind: shrink}
		}
	}
	return write{}
}

// isLenOf tells whether e is len(x).
func (s *scan) isLenOf(e, x ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && s.builtin(call) == "len" && same(call.Args[0], x)
}

// same tells whether two expressions are the same variable or field path.
func same(a, b ast.Expr) bool {
	a, b = ast.Unparen(a), ast.Unparen(b)
	switch a := a.(type) {
	case *ast.Ident:
		b, ok := b.(*ast.Ident)
		return ok && a.Name == b.Name && a.Name != "_"
	case *ast.SelectorExpr:
		b, ok := b.(*ast.SelectorExpr)
		return ok && a.Sel.Name == b.Sel.Name && same(a.X, b.X)
	}
	return false
}

// trusted tells whether the recorded writes to the variable or field path e are
// all that can happen to it during the loop.
func (s *scan) trusted(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		obj := s.info.ObjectOf(e)
		return obj != nil && (s.local(obj) || !s.calls && s.vars[obj] != nil && !s.vars[obj].loose && !s.overwritten(obj))
	case *ast.SelectorExpr:
		obj := s.info.ObjectOf(e.Sel)
		if obj == nil || s.calls || s.vars[obj] != nil && s.vars[obj].loose || s.overwritten(obj) || s.replaces(e) {
			return false
		}
		// Its owner must stay the same one.
		return s.invariant(e.X)
	}
	return false
}

// overwritten tells whether what the loop writes through pointers may be obj, which is
// no local variable, or whose address is taken.
func (s *scan) overwritten(obj types.Object) bool {
	if obj == nil {
		return len(s.stored) > 0 // a name of C, of which nothing is known
	}
	loose := s.vars[obj] != nil && s.vars[obj].loose
	if !loose && !obj.Exported() && obj.Pkg() == s.pkg {
		return false // nobody has its address
	}
	for _, t := range s.stored {
		if types.Identical(t, obj.Type()) || generic(t) || generic(obj.Type()) {
			return true
		}
	}
	return false
}

// untouched tells whether the loop leaves alone what obj names, which is no local
// variable.
func (s *scan) untouched(obj types.Object) bool {
	return !s.calls && len(s.writes[obj]) == 0 && !s.overwritten(obj)
}

// generic tells whether t is a type parameter, which may stand for any type.
func generic(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.TypeParam)
	return ok
}

// invariant tells whether the loop leaves e as it is.
func (s *scan) invariant(e ast.Expr) bool {
	ok := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			obj := s.info.ObjectOf(n.Sel)
			ok = ok && s.untouched(obj)
			if id, isIdent := n.X.(*ast.Ident); isIdent {
				if _, isPkg := s.info.Uses[id].(*types.PkgName); isPkg {
					return false
				}
			}
			ok = ok && obj != nil && !s.replaces(n) && s.invariant(n.X)
			return false
		case *ast.Ident:
			obj := s.info.ObjectOf(n)
			if v, isVar := obj.(*types.Var); isVar {
				ok = ok && len(s.writes[v]) == 0 && (s.local(v) || s.untouched(v))
			}
		case *ast.CallExpr:
			switch {
			case s.info.Types[n.Fun].IsType():
			case s.builtin(n) == "":
				ok = false
			case s.builtin(n) == "len":
				// A map has its length to itself, whichever variable refers to it.
				_, isMap := coreType(s.typeOf(n.Args[0])).(*types.Map)
				ok = ok && !(isMap && (s.calls || s.writesMap()))
			}
		case *ast.IndexExpr, *ast.StarExpr, *ast.FuncLit, *ast.TypeAssertExpr:
			ok = false
		}
		return ok
	})
	return ok
}

// always tells whether every round passes one of the writes.
func (s *scan) always(ws []write) bool {
	cut := flow.Set{}
	for _, w := range ws {
		cut[w.blk] = true
	}
	return s.edge.Covered(s.region, cut)
}

// A motion is how every round moves a variable: in one direction, by at least and at
// most so much.
type motion struct {
	change
	least, most int64
}

// monotone returns how every round moves e, other if not in one direction.
func (s *scan) monotone(f *function, e ast.Expr) motion {
	ws := s.writes[s.objectOf(e)]
	kind := s.oneWay(e)
	if kind == other || !s.always(ws) {
		return motion{}
	}
	m := motion{change: kind, least: ws[0].step}
	steps := map[*flow.Block]int64{}
	for _, w := range ws {
		if w.step > manySteps {
			return motion{}
		}
		m.least = min(m.least, w.step)
		steps[w.blk] += w.step
		if s.inner(w.blk, f) {
			m.most = manySteps
		}
	}
	m.most = max(m.most, flow.Longest(s.edge.Head, s.region, func(blk *flow.Block) int64 { return steps[blk] }))
	return m
}

// manySteps is more than any counter moves in one round, unless a loop within moves it.
const manySteps = flow.Most

// oneWay returns the only direction in which the loop moves e, if in every round or
// only in some, or other.
func (s *scan) oneWay(e ast.Expr) change {
	obj := s.objectOf(e)
	ws := s.writes[obj]
	if obj == nil || len(ws) == 0 || !s.trusted(e) {
		return other
	}
	for _, w := range ws {
		if w.kind != ws[0].kind || !same(w.dest, e) {
			return other
		}
	}
	return ws[0].kind
}
