// Package flow has the control flow of functions: blocks, the loops among them, and
// the ways through them.
//
// The graphs are those of golang.org/x/tools/go/cfg, as passes/ctrlflow builds them:
// that knows which calls never return. This package adds what go/cfg leaves out:
// which edges close a loop, which block ends in which goto, and what a select
// statement and a range statement evaluate when.
//
// Nothing changes a graph once it is built.
package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/cfg"
)

// A Package has the graphs of all functions of a package.
type Package struct {
	info *types.Info
	cfgs *ctrlflow.CFGs
}

// Of finds the control flow of a package. endless tells which functions of other
// packages never return.
func Of(fset *token.FileSet, files []*ast.File, pkg *types.Package, info *types.Info, endless func(*types.Func) bool) *Package {
	res, err := ctrlflow.Analyzer.Run(&analysis.Pass{
		Analyzer: ctrlflow.Analyzer, Fset: fset, Files: files, Pkg: pkg, TypesInfo: info,
		ResultOf: map[*analysis.Analyzer]any{inspect.Analyzer: inspector.New(files)},
		// Its only fact says that a function never returns.
		ImportObjectFact: func(obj types.Object, _ analysis.Fact) bool {
			fn, ok := obj.(*types.Func)
			return ok && endless(fn.Origin())
		},
		ExportObjectFact: func(types.Object, analysis.Fact) {},
	})
	if err != nil {
		panic(err) // it returns none
	}
	return &Package{info, res.(*ctrlflow.CFGs)}
}

// Endless tells whether a function of the package never returns.
func (p *Package) Endless(fn *types.Func) bool { return p.cfgs.NoReturn(fn) }

// Graph returns the control flow of a function declaration or literal, without the
// literals in it.
func (p *Package) Graph(fn ast.Node) *Graph {
	switch fn := fn.(type) {
	case *ast.FuncLit:
		return newGraph(p.cfgs.FuncLit(fn), fn.Body)
	case *ast.FuncDecl:
		// A function that is declared twice has one object.
		if _, ok := p.info.Defs[fn.Name].(*types.Func); ok {
			if c := p.cfgs.FuncDecl(fn); c != nil {
				return newGraph(c, fn.Body)
			}
		}
		return newGraph(cfg.New(fn.Body, func(*ast.CallExpr) bool { return true }), fn.Body)
	}
	return nil
}
