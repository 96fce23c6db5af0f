// Package code has what the text of a package shows: its functions with their control
// flow, whom they call, what its variables are set to, and what is known of values.
//
// Nothing changes a package once it is read.
package code

import (
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"slices"

	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// A Package is a type-checked package.
type Package struct {
	Fset  *token.FileSet
	Files []*ast.File
	Types *types.Package
	Info  *types.Info
	Flow  *flow.Package
	Funcs []*Function // in the order of the text
	Known Known
	// CalleesFirst are the same, each behind its closures and those that it calls, as far
	// as that can be.
	CalleesFirst []*Function

	byObj map[*types.Func]*Function
	byLit map[*ast.FuncLit]*Function
	vars  map[types.Object]*variable
	impls map[*types.Func][]*Function // by the method of an interface
	pure  map[*Function]bool
}

// Known tells what is known of functions of other packages.
type Known struct {
	Yielding func(*types.Func) bool // it passes a safepoint, whatever happens
	Pure     func(*types.Func) bool // it writes nothing but what it is given
	Endless  func(*types.Func) bool // it never returns
}

// A Function is a body of code: a declared function or a closure.
type Function struct {
	Node  ast.Node // *ast.FuncDecl or *ast.FuncLit
	Body  *ast.BlockStmt
	Obj   *types.Func   // nil for a closure
	Decl  *ast.FuncDecl // the declaration that it is in, or nil
	Name  string
	File  *ast.File
	Graph *flow.Graph
	Calls map[*flow.Block][]Call // in the order of evaluation
}

// Pos returns where a function's name stands, or where a closure begins.
func (f *Function) Pos() token.Pos {
	if d, ok := f.Node.(*ast.FuncDecl); ok {
		return d.Name.Pos()
	}
	return f.Node.Pos()
}

// All returns the calls of a function and the blocks that hold them.
func (f *Function) All() iter.Seq2[*flow.Block, Call] {
	return func(yield func(*flow.Block, Call) bool) {
		for b, calls := range f.Calls {
			for _, c := range calls {
				if !yield(b, c) {
					return
				}
			}
		}
	}
}

// Settle calls a function for each of the package, callees first, again and again until it
// returns false for all: nothing has changed.
func (p *Package) Settle(step func(*Function) bool) {
	for changed := true; changed; {
		changed = false
		for _, f := range p.CalleesFirst {
			changed = step(f) || changed
		}
	}
}

// Read reads a package.
func Read(fset *token.FileSet, files []*ast.File, pkg *types.Package, info *types.Info, known Known) *Package {
	p := &Package{
		Fset: fset, Files: files, Types: pkg, Info: info, Known: known,
		Flow:  flow.Of(fset, files, pkg, info, known.Endless),
		byObj: map[*types.Func]*Function{}, byLit: map[*ast.FuncLit]*Function{},
		vars: map[types.Object]*variable{}, impls: map[*types.Func][]*Function{}, pure: map[*Function]bool{},
	}
	for _, file := range files {
		for _, decl := range file.Decls {
			r := reader{Package: p, file: file, results: map[types.Object]bool{}}
			ast.Inspect(decl, r.visit)
		}
	}
	for _, f := range p.Funcs {
		for _, b := range f.Graph.Blocks {
			for _, n := range b.Nodes {
				f.Calls[b] = p.calls(f.Calls[b], n, true)
			}
			if b.Ranges != nil && Is[*types.Signature](p.TypeOf(b.Ranges.X)) {
				// The iterator runs once, and may take its time before each round.
				f.Calls[b] = append(f.Calls[b], p.resolve(&ast.CallExpr{Fun: b.Ranges.X}))
			}
		}
	}
	p.sortCallees()
	p.settlePure()
	return p
}

// sortCallees sorts the functions, closures before the functions that they are in.
func (p *Package) sortCallees() {
	seen := map[*Function]bool{}
	closures := map[*ast.FuncDecl][]*Function{}
	for _, f := range p.Funcs {
		if f.Obj == nil {
			closures[f.Decl] = append(closures[f.Decl], f)
		}
	}
	var visit func(f *Function)
	visit = func(f *Function) {
		if seen[f] {
			return
		}
		seen[f] = true
		if f.Obj != nil {
			for _, in := range slices.Backward(closures[f.Decl]) {
				visit(in)
			}
		}
		for _, b := range f.Graph.Blocks {
			for _, c := range f.Calls[b] {
				for _, callee := range c.Funcs {
					visit(callee)
				}
			}
		}
		p.CalleesFirst = append(p.CalleesFirst, f)
	}
	for _, f := range p.Funcs {
		visit(f)
	}
}

// Declared returns the function of the package that an object stands for, or nil.
func (p *Package) Declared(fn *types.Func) *Function { return p.byObj[fn] }

// Literal returns the function that a literal is.
func (p *Package) Literal(lit *ast.FuncLit) *Function { return p.byLit[lit] }

// ObjectOf returns the variable, field or function that e names, or nil.
func (p *Package) ObjectOf(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return p.Info.ObjectOf(e)
	case *ast.SelectorExpr:
		return p.Info.ObjectOf(e.Sel)
	}
	return nil
}

// Lookup returns what a name means at a position, nil if nothing.
func (p *Package) Lookup(name string, pos token.Pos) types.Object {
	scope := p.Types.Scope().Innermost(pos)
	if scope == nil {
		return nil
	}
	_, obj := scope.LookupParent(name, pos)
	return obj
}

// Line returns the line of a position in the file that was read, whatever line
// directives say.
func (p *Package) Line(pos token.Pos) int { return p.Fset.PositionFor(pos, false).Line }

// Offset returns the offset of a position in the file that was read.
func (p *Package) Offset(pos token.Pos) int { return p.Fset.PositionFor(pos, false).Offset }
