package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/gvthread/gvthread/instrument/internal/bound"
	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// The cost model counts in units of roughly a third of a nanosecond: what a
// simple operation on registers takes. It need not be exact: it tells a loop of
// a few instructions, where a check shows, from one that takes a call's time or
// longer, where it does not.
const (
	costCall  = 6   // calling a leaf that the compiler does not inline
	costSlow  = 30  // allocation, map access, conversion that copies
	costBlock = 100 // channel operations
	maxLeaf   = 400 // a leaf takes no longer than this
)

// intrinsics lists packages whose functions the compiler replaces by a few
// instructions, or inlines.
var intrinsics = map[string]int{
	"math/bits": 2, "unsafe": 1, "sync/atomic": 8, "cmp": 3, "internal/byteorder": 3,
	"unicode": 15,
}

// cheapFuncs lists further functions of the standard library whose time is
// bounded by their text, or by a copy of their arguments.
var cheapFuncs = map[string]int{
	"math.Abs": 1, "math.Sqrt": 6, "math.Float64bits": 1, "math.Float64frombits": 1, "math.Float32bits": 1,
	"math.Float32frombits": 1, "math.Max": 4, "math.Min": 4, "math.Floor": 3, "math.Ceil": 3, "math.Trunc": 3,
	"math.IsNaN": 1, "math.IsInf": 2, "math.Copysign": 2, "math.FMA": 3, "math.NaN": 1, "math.Inf": 1,
	"unicode/utf8.DecodeRune": 12, "unicode/utf8.DecodeRuneInString": 12, "unicode/utf8.RuneLen": 4,
	"unicode/utf8.EncodeRune": 10, "unicode/utf8.AppendRune": 12, "unicode/utf8.RuneStart": 1,
	"strings.Builder.WriteByte": 8, "strings.Builder.WriteRune": 12, "strings.Builder.WriteString": costSlow,
	"bytes.Buffer.WriteByte": 8, "bytes.Buffer.WriteRune": 12, "bytes.Buffer.WriteString": costSlow, "bytes.Buffer.Write": costSlow,
	// These go over their arguments at the speed of memory, as copy does.
	"bytes.Equal": costSlow, "bytes.IndexByte": costSlow, "bytes.HasPrefix": costSlow, "bytes.HasSuffix": costSlow, "bytes.Compare": costSlow,
	"strings.IndexByte": costSlow, "strings.HasPrefix": costSlow, "strings.HasSuffix": costSlow, "strings.Compare": costSlow,
	"unicode/utf8.ValidRune": 2, "unicode/utf8.DecodeLastRune": 16, "unicode/utf8.DecodeLastRuneInString": 16,
}

// intrinsicCost returns the cost of a function that is known to be short and to
// write nothing but what it is given, or 0.
func intrinsicCost(fn *types.Func) int {
	if fn.Pkg() == nil {
		return 0
	}
	path, name := fn.Pkg().Path(), code.FuncName(fn)
	if c := intrinsics[path]; c > 0 {
		return c
	}
	if path == "encoding/binary" && (fn.Signature().Recv() != nil) {
		return 3 // the ByteOrder methods are single loads and stores
	}
	return cheapFuncs[path+"."+name]
}

// nodeCost estimates the time of a node of a block, without its calls.
func (u *unit) nodeCost(n ast.Node) int {
	cost := 0
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			cost += costSlow
			return false
		case *ast.BinaryExpr:
			cost += u.binaryCost(n) + u.copyCost(n.X)
		case *ast.UnaryExpr:
			cost++
			if n.Op == token.ARROW {
				cost += costBlock
			}
		case *ast.IndexExpr:
			cost += 2
			if _, ok := u.TypeOf(n.X).Underlying().(*types.Map); ok {
				cost += costSlow
			}
		case *ast.SliceExpr:
			cost += 3
		case *ast.AssignStmt:
			cost += 1 + u.copyCost(n.Lhs...)
		case *ast.ReturnStmt:
			cost += 1 + u.copyCost(n.Results...)
		case *ast.ValueSpec:
			for _, id := range n.Names {
				cost += u.copyCost(id)
			}
		case *ast.CallExpr:
			cost += u.copyCost(n.Args...)
		case *ast.StarExpr, *ast.SelectorExpr, *ast.IncDecStmt:
			cost++
		case *ast.TypeAssertExpr:
			cost += 4
		case *ast.CompositeLit:
			cost += 4 + u.copyCost(n)
			if !isStructOrArray(u.TypeOf(n)) {
				cost += costSlow
			}
		case *ast.SendStmt, *ast.GoStmt, *ast.DeferStmt:
			cost += costBlock
		}
		return true
	})
	return cost
}

// copyCost estimates what it takes to move, compare or clear the values of expressions,
// as far as that is more than a few registers hold.
func (u *unit) copyCost(es ...ast.Expr) int {
	cost := int64(0)
	for _, e := range es {
		if t := u.TypeOf(e); isStructOrArray(t) {
			cost += max(sizeOf(t)-32, 0) / 16
		}
	}
	return int(min(cost, 1<<30))
}

// sizeOf returns about the size of a value of type t in bytes.
func sizeOf(t types.Type) int64 {
	const most = 1 << 40
	sum := int64(0)
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return max(code.Sizes.Sizeof(t), 0)
	case *types.Struct:
		for f := range t.Fields() {
			sum = min(sum+sizeOf(f.Type()), most)
		}
		return sum
	case *types.Array:
		return int64(min(float64(t.Len())*float64(sizeOf(t.Elem())), most))
	case *types.Slice:
		return 24
	}
	return 16
}

func isStructOrArray(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Struct, *types.Array:
		return true
	}
	return false
}

func (u *unit) binaryCost(n *ast.BinaryExpr) int {
	if tv := u.Info.Types[n]; tv.Value != nil {
		return 0
	}
	switch n.Op {
	case token.QUO, token.REM:
		if _, ok := u.Constant(n.Y); !ok {
			return 10
		}
		return 3
	case token.ADD:
		if code.Basic(u.TypeOf(n), types.IsString) {
			return costSlow
		}
	}
	return 1
}

// callCost estimates the time of a call. It fails if that is not bounded by the
// text that can be seen.
func (u *unit) callCost(c code.Call) (cost int, ok bool) {
	if tv := u.Info.Types[c.Expr.Fun]; tv.IsType() {
		return u.conversionCost(c.Expr, tv.Type), true
	}
	switch u.Builtin(c.Expr) {
	case "":
	case "append":
		return 8, true
	case "copy", "clear", "delete", "make", "new":
		return costSlow, true
	case "print", "println", "recover", "panic":
		return 0, false
	default:
		return 1, true
	}
	if c.Obj != nil {
		if cost := intrinsicCost(c.Obj); cost > 0 {
			return cost, true
		}
	}
	if f := c.Only(); f != nil {
		cost, ok = u.leaves[f]
		return cost + costCall, ok
	}
	if f := u.known(c.Obj); f != nil && f.Leaf {
		return f.Cost + costCall, true
	}
	return 0, false
}

// conversionCost estimates a conversion: those between strings and slices copy.
func (u *unit) conversionCost(call *ast.CallExpr, to types.Type) int {
	if len(call.Args) != 1 {
		return 1
	}
	from := u.TypeOf(call.Args[0])
	_, slice := from.Underlying().(*types.Slice)
	_, toSlice := to.Underlying().(*types.Slice)
	if slice && code.Basic(to, types.IsString) || toSlice && !slice {
		return costSlow
	}
	return 1
}

// blockCost estimates the time of a block. It fails if that is not bounded by the text.
func (u *unit) blockCost(f *code.Function, b *flow.Block) (cost int64, ok bool) {
	ok = true
	for _, n := range b.Nodes {
		cost += int64(u.nodeCost(n))
	}
	for _, c := range f.Calls[b] {
		n, bounded := u.callCost(c)
		cost, ok = cost+int64(n), ok && bounded
	}
	return cost, ok
}

// pathCost returns the greatest cost of a way from b through the given blocks,
// not counting the closing of loops; of a loop of constant length within, all
// rounds count. It fails if the time is not bounded by the text.
func (u *unit) pathCost(f *code.Function, from *flow.Block, in flow.Set, within *bound.Loop) (int, bool) {
	inner := f.Graph.Loops
	if within != nil {
		inner = within.Inner
	}
	times := map[*flow.Block]int64{}
	for _, e := range inner {
		l := u.loops[e]
		if !in[e.Head] || !slices.ContainsFunc(e.Tails, func(b *flow.Block) bool { return in[b] }) {
			continue // every way round it passes a safepoint
		}
		if within != nil && within.Shares(l) {
			continue // its rounds count as rounds of the loop around it
		}
		if l.Kind != bound.Constant || l.First == nil {
			return 0, false
		}
		for blk := range l.Region {
			times[blk] = min(max(times[blk], 1)*max(l.Rounds, 1), 1<<32)
		}
	}
	ok := true
	cost := flow.Longest(from, in, func(b *flow.Block) int64 {
		cost, bounded := u.blockCost(f, b)
		ok = ok && bounded
		return cost * max(times[b], 1)
	})
	return int(cost), ok
}
