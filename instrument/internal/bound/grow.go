package bound

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// growing bounds loops that end by a count, and of which every round makes a slice longer, or
// a strings.Builder or bytes.Buffer: the data bound them that they make.
func growing(v *view) Limit {
	if !v.endsByCount() {
		return Limit{}
	}
	for _, obj := range v.dests {
		ws := v.writes[obj]
		grows := v.trusted(ws[0].dest) && !code.Lengthless(v.TypeOf(ws[0].dest))
		for _, w := range ws {
			grows = grows && same(w.dest, ws[0].dest) && v.appends(w)
		}
		if grows && v.always(ws) {
			return data("the memory for " + obj.Name())
		}
	}
	return v.growingText()
}

// appends tells whether a write is x = append(x, …), with an element at least.
func (v *view) appends(w write) bool {
	call, ok := w.rhs.(*ast.CallExpr)
	return ok && v.Builtin(call) == "append" && len(call.Args) > 1 && call.Ellipsis == token.NoPos && same(call.Args[0], w.dest)
}

// growingText bounds loops of which every round writes to one strings.Builder or
// bytes.Buffer, while nothing can empty that: no call but those that are known, and no
// assignment.
func (v *view) growingText() Limit {
	if v.calls || len(v.stored) > 0 || len(v.replaced) > 0 {
		return Limit{}
	}
	cuts := map[types.Object]flow.Set{}
	for _, blk := range v.order {
		for _, c := range v.fn.Calls[blk] {
			x := v.grown(c)
			if x == nil || len(v.writes[x]) > 0 {
				continue
			}
			if cuts[x] == nil {
				cuts[x] = flow.Set{}
			}
			if cuts[x][blk] = true; v.loop.Covered(v.region, cuts[x]) {
				return data("the memory for " + x.Name())
			}
		}
	}
	return Limit{}
}

// grown returns the variable that a call makes longer for certain, or nil.
func (v *view) grown(c code.Call) types.Object {
	if !c.Sure || c.Obj == nil || c.Obj.Pkg() == nil {
		return nil
	}
	switch c.Obj.Pkg().Path() + "." + code.FuncName(c.Obj) {
	case "strings.Builder.WriteString", "bytes.Buffer.WriteString":
		if text := v.Info.Types[c.Expr.Args[0]].Value; text == nil || text.ExactString() == `""` {
			return nil // it may write nothing
		}
		fallthrough
	case "strings.Builder.WriteByte", "strings.Builder.WriteRune", "bytes.Buffer.WriteByte", "bytes.Buffer.WriteRune":
		if id, ok := ast.Unparen(ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr).X).(*ast.Ident); ok {
			return v.Info.ObjectOf(id)
		}
	}
	return nil
}
