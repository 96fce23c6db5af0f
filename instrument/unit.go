package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A unit is a type-checked package under examination.
type unit struct {
	fset   *token.FileSet
	files  []*ast.File
	pkg    *types.Package
	info   *types.Info
	policy Policy
	fact   func(*types.Func) *FuncFact // of other packages; nil if unknown

	funcs   []*function
	byObj   map[*types.Func]*function
	byLit   map[*ast.FuncLit]*function
	direct  *directives
	writers map[types.Object][]ast.Expr // what a variable of function type is given
	vars    map[types.Object]*variable
	impls   map[*types.Func][]*function // by the method of an interface
}

// A function is a body of code: a declared function or a closure.
type function struct {
	node   ast.Node // *ast.FuncDecl or *ast.FuncLit
	body   *ast.BlockStmt
	obj    *types.Func // nil for a closure
	name   string
	file   *ast.File
	graph  *graph
	calls  map[*block][]callee // in the order of evaluation
	loops  map[*backEdge]*loop
	cannot *refusal // why it can hold no safepoint

	entry bool // planned: a safepoint at the entry
	yield bool
	leaf  bool
	cost  int
}

// A callee is a call as far as it can be resolved.
type callee struct {
	call  *ast.CallExpr
	funcs []*function // of this package; more than one through a func value or interface
	obj   *types.Func // nil unless static
	sure  bool        // evaluated whenever its block is, in this goroutine
	later bool        // deferred
}

// newUnit collects the functions of a package.
func newUnit(fset *token.FileSet, files []*ast.File, pkg *types.Package, info *types.Info, policy Policy, fact func(*types.Func) *FuncFact) *unit {
	u := &unit{
		fset: fset, files: files, pkg: pkg, info: info, policy: policy, fact: fact,
		byObj: map[*types.Func]*function{}, byLit: map[*ast.FuncLit]*function{},
		writers: map[types.Object][]ast.Expr{}, vars: map[types.Object]*variable{},
		impls: map[*types.Func][]*function{},
	}
	u.direct = u.parseDirectives()
	for _, file := range files {
		u.collect(file)
		u.collectVars(file)
	}
	for _, f := range u.funcs {
		f.calls = map[*block][]callee{}
		for _, b := range f.graph.blocks {
			for _, n := range b.nodes {
				f.calls[b] = u.callees(f.calls[b], n)
			}
		}
	}
	for _, f := range u.funcs {
		f.loops = map[*backEdge]*loop{}
		for _, b := range f.graph.backs {
			all := b.region()
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
		}
		return true
	}
	ast.Inspect(file, visit)
}

// wrote notes that the variable or field lhs is given a value of function type.
func (u *unit) wrote(lhs, rhs ast.Expr) {
	if t := u.typeOf(lhs); t == nil || !isFunc(t) {
		return
	}
	if obj := u.objectOf(lhs); obj != nil {
		u.writers[obj] = append(u.writers[obj], rhs)
	}
}

func isFunc(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
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
	recovers := hasDefer(f.body)
	f.graph = newGraph(f.body, func(call *ast.CallExpr) bool {
		// A deferred function may recover, and so make the panic a return.
		return !recovers && u.neverReturns(call)
	})
	f.cannot = u.refuses(f)
	u.funcs = append(u.funcs, f)
	if f.obj != nil {
		u.byObj[f.obj] = f
	}
	if lit, ok := f.node.(*ast.FuncLit); ok {
		u.byLit[lit] = f
	}
}

func hasDefer(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			found = true
		}
		return !found
	})
	return found
}

func (u *unit) neverReturns(call *ast.CallExpr) bool {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if b, ok := u.info.Uses[id].(*types.Builtin); ok {
			return b.Name() == "panic"
		}
	}
	fn := u.staticCallee(call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() + "." + fn.Name() {
	case "os.Exit", "runtime.Goexit", "log.Fatal", "log.Fatalf", "log.Fatalln":
		return true
	}
	return false
}

// staticCallee returns the function or method that a call runs for certain. For
// an instance of a generic function it is the generic function.
func (u *unit) staticCallee(call *ast.CallExpr) *types.Func {
	fun := ast.Unparen(call.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	var obj types.Object
	switch x := ast.Unparen(fun).(type) {
	case *ast.Ident:
		obj = u.info.Uses[x]
	case *ast.SelectorExpr:
		if sel := u.info.Selections[x]; sel != nil && types.IsInterface(sel.Recv()) {
			return nil
		}
		obj = u.info.Uses[x.Sel]
	}
	fn, ok := obj.(*types.Func)
	if !ok {
		return nil
	}
	if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		return nil // promoted from an embedded interface
	}
	return fn.Origin()
}

// callees appends the calls in n, without those in closures.
func (u *unit) callees(out []callee, n ast.Node) []callee {
	return u.walkCalls(out, n, true)
}

func (u *unit) walkCalls(out []callee, n ast.Node, sure bool) []callee {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				out = u.walkCalls(out, n.X, sure)
				out = u.walkCalls(out, n.Y, false)
				return false
			}
		case *ast.GoStmt:
			// Only the operands are evaluated here.
			out = u.walkCalls(out, n.Call.Fun, sure)
			for _, a := range n.Call.Args {
				out = u.walkCalls(out, a, sure)
			}
			return false
		case *ast.DeferStmt:
			for _, a := range n.Call.Args {
				out = u.walkCalls(out, a, sure)
			}
			c := u.resolve(n.Call)
			c.later = true
			out = append(out, c)
			return false
		case *ast.CallExpr:
			out = u.walkCalls(out, n.Fun, sure)
			for _, a := range n.Args {
				out = u.walkCalls(out, a, sure)
			}
			c := u.resolve(n)
			c.sure = sure
			out = append(out, c)
			return false
		}
		return true
	})
	return out
}

// resolve finds what a call can run, as far as this package shows it.
func (u *unit) resolve(call *ast.CallExpr) callee {
	c := callee{call: call, obj: u.staticCallee(call)}
	if c.obj != nil {
		if f := u.byObj[c.obj]; f != nil {
			c.funcs = []*function{f}
		}
		return c
	}
	fun := ast.Unparen(call.Fun)
	if lit, ok := fun.(*ast.FuncLit); ok {
		c.funcs = []*function{u.byLit[lit]}
		return c
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok && u.info.Selections[sel] != nil && u.info.Selections[sel].Kind() == types.MethodVal {
		c.funcs = u.implementations(u.info.Selections[sel])
		return c
	}
	obj := u.objectOf(fun)
	if _, ok := obj.(*types.Var); !ok {
		return c
	}
	for _, e := range u.writers[obj] {
		switch e := ast.Unparen(e).(type) {
		case *ast.FuncLit:
			c.funcs = append(c.funcs, u.byLit[e])
		default:
			if fn, ok := u.objectOf(e).(*types.Func); ok && u.byObj[fn.Origin()] != nil {
				c.funcs = append(c.funcs, u.byObj[fn.Origin()])
			}
		}
	}
	return c
}

// implementations returns this package's methods that a call through one of its
// own interfaces can run.
func (u *unit) implementations(sel *types.Selection) []*function {
	method, ok := sel.Obj().(*types.Func)
	if !ok {
		return nil
	}
	if out, ok := u.impls[method]; ok {
		return out
	}
	out := u.findImplementations(sel)
	u.impls[method] = out
	return out
}

func (u *unit) findImplementations(sel *types.Selection) []*function {
	named, ok := types.Unalias(sel.Recv()).(*types.Named)
	if !ok || named.Obj().Pkg() != u.pkg || named.TypeParams().Len() > 0 {
		return nil
	}
	iface, ok := named.Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	var out []*function
	scope := u.pkg.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() || types.IsInterface(tn.Type()) {
			continue
		}
		t, ok := tn.Type().(*types.Named)
		if !ok || t.TypeParams().Len() > 0 || !types.Implements(types.NewPointer(t), iface) {
			continue
		}
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, u.pkg, sel.Obj().Name())
		if fn, ok := obj.(*types.Func); ok && u.byObj[fn] != nil {
			out = append(out, u.byObj[fn])
		}
	}
	return out
}
