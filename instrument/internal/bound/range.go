package bound

import (
	"go/ast"
	"go/types"

	"github.com/gvthread/gvthread/instrument/internal/code"
)

// ranged bounds range statements: by what they range over, or by what the loop indexes
// by the number that they count.
func ranged(v *view) Limit {
	stmt, ok := v.loop.Stmt.(*ast.RangeStmt)
	if !ok {
		return Limit{}
	}
	switch under := code.Dereferenced(v.TypeOf(stmt.X)).(type) {
	case *types.Array:
		return constant(under.Len(), "the array")
	case *types.Slice:
		if !code.Lengthless(under) {
			return data("the slice")
		}
	case *types.Map:
		// A map that grows while it is ranged over may yield what was added.
		if !v.maps && !v.calls {
			return data("the map")
		}
	case *types.Basic:
		if under.Info()&types.IsString != 0 {
			return data("the string")
		}
		return v.rangedNumber(stmt)
	}
	return Limit{}
}

func (v *view) rangedNumber(stmt *ast.RangeStmt) Limit {
	if n, ok := v.Constant(stmt.X); ok {
		return constant(n, "the constant")
	}
	if v.Sized(stmt.X, 0) {
		return data("a length")
	}
	key, ok := stmt.Key.(*ast.Ident)
	if !ok {
		return Limit{}
	}
	if obj := v.Info.ObjectOf(key); v.Local(obj) && len(v.writes[obj]) == 1 && v.indexes(key) {
		return data("what " + key.Name + " indexes")
	}
	return Limit{}
}
