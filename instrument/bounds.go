package instrument

import (
	"go/ast"
	"go/types"

	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// A bound says what limits the rounds of a loop.
type bound uint8

const (
	unbounded bound = iota // nothing that the text shows
	byData                 // about the length of something in memory
	byConst                // a constant
)

// wordBits is how often a value can be halved.
const wordBits = 64

// A loop is a back-edge and what the text shows about its rounds.
type loop struct {
	edge    *flow.Loop
	region  flow.Set
	bound   bound
	trips   int64  // of a byConst loop
	why     string // what bounds it
	counter *ast.Ident
	nested  []*loop               // the loops within
	via     []types.Object        // the variables that move in one direction only and so bound it
	oneWays map[types.Object]bool // all that do so
	strided *flow.Block           // holds a safepoint that the counter reaches every so often
}

// examine finds out what bounds a loop, from its blocks in region. That can be
// all of them, or those on the ways round that pass no safepoint: then the bound is
// one on the rounds between two safepoints.
func (u *unit) examine(f *function, b *flow.Loop, all, region flow.Set) *loop {
	s := &scan{
		unit: u, loop: &loop{edge: b, region: region}, writes: map[types.Object][]write{},
		elsewhere: map[types.Object]bool{}, unevaluated: map[ast.Expr]bool{},
	}
	for _, blk := range f.graph.Blocks {
		if !region[blk] {
			if all[blk] {
				s.noteElsewhere(blk)
			}
			continue
		}
		s.order = append(s.order, blk)
		if r := blk.Ranges; r != nil && r.Value == nil && isArray(u.typeOf(r.X)) {
			s.unevaluated[r.X] = true
		}
		for _, n := range blk.Nodes {
			s.note(blk, n)
		}
		for _, c := range f.calls[blk] {
			s.calls = s.calls || !u.harmless(c)
		}
	}
	switch stmt := b.Stmt.(type) {
	case *ast.RangeStmt:
		s.rangeBound(f, stmt)
	case *ast.ForStmt:
		s.forBound(f, stmt)
	}
	s.findCounter(f)
	s.oneWays = map[types.Object]bool{}
	for _, obj := range s.dests {
		dest := s.writes[obj][0].dest
		switch s.oneWay(dest) {
		case up, down:
			s.oneWays[obj] = wide(s.typeOf(dest)) // others wrap around
		case shrink:
			s.oneWays[obj] = true
		}
	}
	return s.loop
}

// part returns what holds for a loop's rounds if they pass the given blocks only.
func (u *unit) part(f *function, whole *loop, region flow.Set) *loop {
	l := u.examine(f, whole.edge, whole.region, region)
	l.nested = whole.nested
	l.counter = whole.counter // it must count in every round
	return l
}

// maxTrips stands for all greater numbers of rounds, and leaves room to multiply.
const maxTrips = 1 << 30

func (s *scan) limit(b bound, trips int64, why string) {
	s.bound, s.trips, s.why = b, min(trips, maxTrips), why
}

// distance returns to-from, or a large number instead of one that overflows.
func distance(from, to int64) int64 {
	const far = 1 << 60
	return max(min(to, far), -far) - max(min(from, far), -far)
}

// rangeBound finds what bounds a range statement.
func (s *scan) rangeBound(f *function, stmt *ast.RangeStmt) {
	switch under := dereferenced(s.typeOf(stmt.X)).(type) {
	case *types.Array:
		s.limit(byConst, under.Len(), "the array")
	case *types.Slice:
		if !lengthless(under) {
			s.limit(byData, 0, "the slice")
		}
	case *types.Map:
		// A map that grows while it is ranged over may yield what was added.
		if !s.writesMap() && !s.calls {
			s.limit(byData, 0, "the map")
		}
	case *types.Basic:
		if under.Info()&types.IsString != 0 {
			s.limit(byData, 0, "the string")
			return
		}
		if n, ok := s.constant(stmt.X); ok {
			s.limit(byConst, max(n, 0), "the constant")
		} else if s.sized(stmt.X, 0) {
			s.limit(byData, 0, "a length")
		} else if key, ok := stmt.Key.(*ast.Ident); ok && s.local(s.info.ObjectOf(key)) && len(s.writes[s.info.ObjectOf(key)]) == 1 && s.indexes(key) {
			s.limit(byData, 0, "what "+key.Name+" indexes")
		} else {
			s.stridedBound(f)
		}
	}
}

// isArray tells whether t is an array or a pointer to one.
func isArray(t types.Type) bool {
	_, ok := dereferenced(t).(*types.Array)
	return ok
}

// dereferenced returns the core type of t, or the one underneath what t points to.
func dereferenced(t types.Type) types.Type {
	t = coreType(t)
	if p, ok := t.(*types.Pointer); ok {
		return p.Elem().Underlying()
	}
	return t
}

// weightless tells whether values of type t take no memory, so that a slice of them
// can have any length.
func weightless(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Struct:
		for f := range t.Fields() {
			if !weightless(f.Type()) {
				return false
			}
		}
		return true
	case *types.Array:
		return t.Len() == 0 || weightless(t.Elem())
	}
	return false
}

// lengthless tells whether x is a slice, array or channel whose length says nothing about
// memory.
func lengthless(x types.Type) bool {
	switch x := dereferenced(x).(type) {
	case *types.Slice:
		return weightless(x.Elem())
	case *types.Array:
		return weightless(x.Elem())
	case *types.Chan:
		return weightless(x.Elem())
	}
	return false
}

// coreType returns the one underlying type of a type parameter's type set, if
// there is one.
func coreType(t types.Type) types.Type {
	p, ok := types.Unalias(t).(*types.TypeParam)
	if !ok {
		return t.Underlying()
	}
	iface := p.Constraint().Underlying().(*types.Interface)
	var core types.Type
	for i := range iface.NumEmbeddeds() {
		e := iface.EmbeddedType(i)
		union, ok := e.(*types.Union)
		if !ok {
			if types.IsInterface(e) {
				continue
			}
			core = e.Underlying()
			continue
		}
		for j := range union.Len() {
			term := union.Term(j).Type().Underlying()
			if core != nil && !types.Identical(core, term) {
				return iface
			}
			core = term
		}
	}
	if core == nil {
		return iface
	}
	return core
}

func (s *scan) writesMap() bool {
	found := false
	writes := func(dest ast.Expr) {
		if x, ok := ast.Unparen(dest).(*ast.IndexExpr); ok {
			_, isMap := coreType(s.typeOf(x.X)).(*types.Map)
			found = found || isMap
		}
	}
	for _, blk := range s.order {
		for _, n := range blk.Nodes {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, l := range n.Lhs {
					writes(l)
				}
			case *ast.IncDecStmt:
				writes(n.X)
			}
		}
	}
	return found
}

// forBound finds what bounds a for statement.
func (s *scan) forBound(f *function, stmt *ast.ForStmt) {
	for _, c := range conjuncts(stmt.Cond) {
		if s.conditionBounds(f, stmt, c) && s.bound == byConst {
			return
		}
	}
	if s.bound != unbounded {
		return
	}
	if s.bisects(stmt) || s.progresses(stmt) {
		return
	}
	s.stridedBound(f)
}

func (s *scan) stridedBound(f *function) {
	for _, obj := range s.dests {
		dest := s.writes[obj][0].dest
		if s.monotone(f, dest).change == stride && s.steps(f, dest) {
			return
		}
	}
}
