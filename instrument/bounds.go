package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
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
	edge    *backEdge
	region  map[*block]bool
	bound   bound
	trips   int64  // of a byConst loop
	why     string // what bounds it
	counter *ast.Ident
	nested  []*loop // the loops within
	strided *block  // holds a safepoint that the counter reaches every so often
}

// examine finds out what bounds a loop, from its blocks in region. That can be
// all of them, or those on the ways round that pass no safepoint: then the bound is
// one on the rounds between two safepoints.
func (u *unit) examine(f *function, b *backEdge, all, region map[*block]bool) *loop {
	s := &scan{unit: u, loop: &loop{edge: b, region: region}, writes: map[types.Object][]write{}, elsewhere: map[types.Object]bool{}}
	for _, blk := range f.graph.blocks {
		if !region[blk] {
			if all[blk] {
				s.noteElsewhere(blk)
			}
			continue
		}
		s.order = append(s.order, blk)
		for _, n := range blk.nodes {
			s.note(blk, n)
		}
		for _, c := range f.calls[blk] {
			s.calls = s.calls || !u.harmless(c)
		}
	}
	switch stmt := b.stmt.(type) {
	case *ast.RangeStmt:
		s.rangeBound(stmt)
	case *ast.ForStmt:
		s.forBound(stmt)
	}
	s.findCounter(f)
	return s.loop
}

func (s *scan) limit(b bound, trips int64, why string) {
	s.bound, s.trips, s.why = b, trips, why
}

// rangeBound finds what bounds a range statement.
func (s *scan) rangeBound(stmt *ast.RangeStmt) {
	t := s.typeOf(stmt.X)
	if t == nil {
		return
	}
	under := coreType(t)
	if p, ok := under.(*types.Pointer); ok {
		under = p.Elem().Underlying()
	}
	switch under := under.(type) {
	case *types.Array:
		s.limit(byConst, under.Len(), "the array")
	case *types.Slice:
		s.limit(byData, 0, "the slice")
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
		}
	}
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
	for _, blk := range s.order {
		for _, n := range blk.nodes {
			if set, ok := n.(*ast.AssignStmt); ok {
				for _, l := range set.Lhs {
					if x, ok := ast.Unparen(l).(*ast.IndexExpr); ok {
						if _, ok := s.typeOf(x.X).Underlying().(*types.Map); ok {
							found = true
						}
					}
				}
			}
		}
	}
	return found
}

// forBound finds what bounds a for statement.
func (s *scan) forBound(stmt *ast.ForStmt) {
	for _, c := range conjuncts(stmt.Cond) {
		if s.conditionBounds(stmt, c) && s.bound == byConst {
			return
		}
	}
	if s.bound != unbounded {
		return
	}
	for _, obj := range s.dests {
		dest := s.writes[obj][0].dest
		switch kind, _ := s.monotone(dest); kind {
		case shrink:
			s.limit(byData, 0, "the length of "+obj.Name())
			return
		case up, down:
			if s.indexes(dest) {
				s.limit(byData, 0, "what "+obj.Name()+" indexes")
				return
			}
		}
	}
}

func conjuncts(e ast.Expr) []ast.Expr {
	if bin, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && bin.Op == token.LAND {
		return append(conjuncts(bin.X), conjuncts(bin.Y)...)
	}
	if e == nil {
		return nil
	}
	return []ast.Expr{ast.Unparen(e)}
}

var mirrored = map[token.Token]token.Token{
	token.LSS: token.GTR, token.GTR: token.LSS, token.LEQ: token.GEQ, token.GEQ: token.LEQ, token.NEQ: token.NEQ,
}

// conditionBounds tells whether a loop's condition bounds it, and notes how.
func (s *scan) conditionBounds(stmt *ast.ForStmt, cond ast.Expr) bool {
	bin, ok := cond.(*ast.BinaryExpr)
	if !ok || mirrored[bin.Op] == token.ILLEGAL {
		return false
	}
	return s.comparison(stmt, bin.X, bin.Op, bin.Y) || s.comparison(stmt, bin.Y, mirrored[bin.Op], bin.X)
}

func (s *scan) comparison(stmt *ast.ForStmt, v ast.Expr, op token.Token, limit ast.Expr) bool {
	v = ast.Unparen(v)
	if sum, ok := v.(*ast.BinaryExpr); ok && (sum.Op == token.ADD || sum.Op == token.SUB) {
		if _, ok := s.constant(sum.Y); ok {
			v = ast.Unparen(sum.X) // i+4 < len(x)
		}
	}
	t := s.typeOf(v)
	if t == nil || !isInteger(t) || s.objectOf(v) == nil {
		return false
	}
	switch kind, step := s.monotone(v); kind {
	case halve:
		return s.halving(v, op, limit)
	case grow:
		return s.growing(v, op, limit)
	case up:
		return s.rising(stmt, v, op, limit, step)
	case down:
		return s.falling(stmt, v, op, limit)
	}
	return false
}

// halving bounds loops such as for x > 0 { x >>= 1 }.
func (s *scan) halving(v ast.Expr, op token.Token, limit ast.Expr) bool {
	c, ok := s.constant(limit)
	zero := true
	for _, w := range s.writes[s.objectOf(v)] {
		zero = zero && w.toZero
	}
	if ok && (op == token.GTR && c >= 0 || op == token.GEQ && c >= 1 || op == token.NEQ && c == 0 && zero) {
		s.limit(byConst, wordBits, "the bits of "+s.objectOf(v).Name())
		return true
	}
	return false
}

// growing bounds loops such as for x := 1; x < n; x <<= 1.
func (s *scan) growing(v ast.Expr, op token.Token, limit ast.Expr) bool {
	start, ok := s.lowest(s.objectOf(v))
	if !ok || start <= 0 || op != token.LSS && op != token.LEQ || !wide(s.typeOf(v)) {
		return false
	}
	if c, isConst := s.constant(limit); isConst && c <= 1<<32 || s.sized(limit, 0) && s.invariant(limit) {
		s.limit(byConst, wordBits, "the bits of "+s.objectOf(v).Name())
		return true
	}
	return false
}

// initial returns the value that the loop's own init statement gives to v.
func (s *scan) initial(stmt *ast.ForStmt, v ast.Expr) ast.Expr {
	init, ok := stmt.Init.(*ast.AssignStmt)
	if !ok || s.elsewhere[s.objectOf(v)] || len(init.Lhs) != len(init.Rhs) || init.Tok != token.ASSIGN && init.Tok != token.DEFINE {
		return nil
	}
	for i, l := range init.Lhs {
		if same(l, v) {
			return init.Rhs[i]
		}
	}
	return nil
}

// rising bounds loops such as for i := 0; i < n; i++.
func (s *scan) rising(stmt *ast.ForStmt, v ast.Expr, op token.Token, limit ast.Expr, step int64) bool {
	t := s.typeOf(v)
	start, end, fixed := int64(0), int64(0), false
	init := s.initial(stmt, v)
	if init != nil {
		start, fixed = s.constant(init)
	}
	if low, ok := s.lowest(s.objectOf(v)); ok && !fixed {
		start, fixed = low, true
	}
	fixed = fixed || isUnsigned(t)
	end, isConst := s.constant(limit)
	switch {
	case op == token.NEQ:
		// Only the step of one cannot leap over the limit.
		if step != 1 || !fixed || start > 0 || !s.notNegative(limit) {
			return false
		}
	case op == token.LEQ:
		if !wide(t) || isConst && end >= maxFixed*maxFixed {
			return false // i <= limit can be true for every i
		}
	case op != token.LSS || step != 1 && !wide(t) && !isConst:
		return false
	}
	if isConst {
		if !fixed || step > maxFixed {
			return false
		}
		last := end + step
		if op == token.LSS {
			last--
		}
		if !wide(t) && !s.fits(t, last) {
			return false // the counter wraps before it meets the limit
		}
		s.limit(byConst, max(0, (end-start)/step+1), "the constant")
		if op == token.LSS && (end-start)%step == 0 {
			s.trips--
		}
		s.trips = max(0, s.trips)
		return true
	}
	if (fixed || init != nil && s.notNegative(init)) && s.sized(limit, 0) && s.invariant(limit) {
		s.limit(byData, 0, "a length")
		return true
	}
	return false
}

// fits tells whether a value of integer type t can be v.
func (s *scan) fits(t types.Type, v int64) bool {
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		return false
	}
	switch b.Kind() {
	case types.Int8:
		return v < 1<<7
	case types.Uint8:
		return v < 1<<8
	case types.Int16:
		return v < 1<<15
	case types.Uint16:
		return v < 1<<16
	case types.Int32:
		return v < 1<<31
	case types.Uint32:
		return v < 1<<32
	}
	return true
}

// falling bounds loops such as for i := len(x) - 1; i >= 0; i--.
func (s *scan) falling(stmt *ast.ForStmt, v ast.Expr, op token.Token, limit ast.Expr) bool {
	c, ok := s.constant(limit)
	unsigned := isUnsigned(s.typeOf(v))
	_, step := s.monotone(v)
	switch {
	case !ok || op != token.GTR && op != token.GEQ || c < 0:
		return false
	case unsigned && (op == token.GEQ && c < step || op == token.GTR && c < step-1):
		return false // it wraps around below zero
	}
	init := s.initial(stmt, v)
	if init == nil {
		return false
	}
	if start, ok := s.constant(init); ok {
		s.limit(byConst, max(0, (start-c)/step+1), "the constant")
		return true
	}
	if s.sized(init, 0) {
		s.limit(byData, 0, "a length")
		return true
	}
	return false
}
