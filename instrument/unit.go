package instrument

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// A unit is a type-checked package under examination.
type unit struct {
	fset   *token.FileSet
	files  []*ast.File
	pkg    *types.Package
	info   *types.Info
	policy Policy
	fact   func(*types.Func) *FuncFact // of other packages; nil if unknown

	flow    *flow.Package
	funcs   []*function
	byObj   map[*types.Func]*function
	byLit   map[*ast.FuncLit]*function
	direct  *directives
	writers map[types.Object][]ast.Expr // what a variable of function type is given
	vars    map[types.Object]*variable
	impls   map[*types.Func][]*function // by the method of an interface
	entries map[string]bool             // further functions, by full name, to get a safepoint at their entry
}

// A function is a body of code: a declared function or a closure.
type function struct {
	node   ast.Node // *ast.FuncDecl or *ast.FuncLit
	body   *ast.BlockStmt
	obj    *types.Func // nil for a closure
	name   string
	file   *ast.File
	graph  *flow.Graph
	calls  map[*flow.Block][]callee // in the order of evaluation
	loops  map[*flow.Loop]*loop
	cannot *refusal // why it can hold no safepoint

	entry bool // planned: a safepoint at the entry
	yield bool
	leaf  bool
	cost  int
	pure  bool
}

// newUnit collects the functions of a package.
func newUnit(fset *token.FileSet, files []*ast.File, pkg *types.Package, info *types.Info, policy Policy, fact func(*types.Func) *FuncFact) *unit {
	u := &unit{
		fset: fset, files: files, pkg: pkg, info: info, policy: policy, fact: fact,
		byObj: map[*types.Func]*function{}, byLit: map[*ast.FuncLit]*function{},
		writers: map[types.Object][]ast.Expr{}, vars: map[types.Object]*variable{},
		impls: map[*types.Func][]*function{},
	}
	u.flow = flow.Of(fset, files, pkg, info, u.endless)
	u.direct = u.parseDirectives()
	for _, file := range files {
		u.collect(file)
		u.collectVars(file)
	}
	for _, f := range u.funcs {
		f.calls = map[*flow.Block][]callee{}
		for _, b := range f.graph.Blocks {
			for _, n := range b.Nodes {
				f.calls[b] = u.callees(f.calls[b], n)
			}
			if b.Ranges != nil && isFunc(u.typeOf(b.Ranges.X)) {
				// The iterator runs once, and may take its time before each round.
				f.calls[b] = append(f.calls[b], u.resolve(&ast.CallExpr{Fun: b.Ranges.X}))
			}
		}
	}
	u.settlePure()
	for _, f := range u.funcs {
		f.loops = map[*flow.Loop]*loop{}
		for _, b := range f.graph.Loops {
			all := b.Region
			f.loops[b] = u.examine(f, b, all, all)
		}
		f.nest()
	}
	return u
}

func (u *unit) collect(file *ast.File) {
	name := ""
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Body == nil {
				return false
			}
			obj, _ := u.info.Defs[n.Name].(*types.Func)
			name = n.Name.Name
			if obj != nil {
				name = funcName(obj)
			}
			u.function(&function{node: n, body: n.Body, obj: obj, name: name, file: file})
			ast.Inspect(n.Body, visit)
			name = ""
			return false
		case *ast.FuncLit:
			outer := name
			name += ".func"
			if outer == "" {
				name = "func"
			}
			u.function(&function{node: n, body: n.Body, name: name, file: file})
			ast.Inspect(n.Body, visit)
			name = outer
			return false
		case *ast.AssignStmt:
			if len(n.Lhs) == len(n.Rhs) {
				for i, l := range n.Lhs {
					u.wrote(l, n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			if len(n.Names) == len(n.Values) {
				for i, l := range n.Names {
					u.wrote(l, n.Values[i])
				}
			}
		case *ast.CompositeLit:
			fields, _ := coreType(u.typeOf(n)).(*types.Struct)
			for i, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					u.wrote(kv.Key, kv.Value)
				} else if fields != nil {
					u.wroteTo(fields.Field(i), e)
				}
			}
		case *ast.CallExpr:
			if fn := u.staticCallee(n); fn != nil && fn.Pkg() == u.pkg {
				params := fn.Signature().Params()
				for i, arg := range n.Args {
					if i < params.Len() {
						u.wroteTo(params.At(i), arg)
					}
				}
			}
		}
		return true
	}
	ast.Inspect(file, visit)
}

// wrote notes that the variable or field lhs is given a value of function type.
func (u *unit) wrote(lhs, rhs ast.Expr) {
	if obj := u.objectOf(lhs); obj != nil {
		u.wroteTo(obj, rhs)
	}
}

func (u *unit) wroteTo(obj types.Object, rhs ast.Expr) {
	if obj.Type() != nil && isFunc(obj.Type()) {
		u.writers[obj] = append(u.writers[obj], rhs)
	}
}

func isFunc(t types.Type) bool {
	_, ok := coreType(t).(*types.Signature)
	return ok
}

// objectOf returns the variable, field or function that e names, or nil.
func (u *unit) objectOf(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return u.info.ObjectOf(e)
	case *ast.SelectorExpr:
		return u.info.ObjectOf(e.Sel)
	}
	return nil
}

func (u *unit) function(f *function) {
	f.graph = u.flow.Graph(f.node)
	f.cannot = u.refuses(f)
	u.funcs = append(u.funcs, f)
	if f.obj != nil {
		u.byObj[f.obj] = f
	}
	if lit, ok := f.node.(*ast.FuncLit); ok {
		u.byLit[lit] = f
	}
}
