package instrument

import (
	"go/ast"
	"go/token"
)

// flow is the state of building a graph.
type flow struct {
	g       *graph
	cur     *block
	choices *branch
	labels  map[string]*block
	scopes  []scope
	gotos   []jump
	noexits func(*ast.CallExpr) bool
}

// A scope is a statement that break or continue can name.
type scope struct {
	label            string
	brk, cont, falls *block
	loop             *backEdge
}

// A jump is a goto met on the way, before its label's block is known for sure.
type jump struct {
	stmt     *ast.BranchStmt
	from, to *block
}

func (f *flow) block() *block {
	b := &block{}
	f.g.blocks = append(f.g.blocks, b)
	return b
}

func (f *flow) add(n ast.Node) { f.cur.add(n, f.choices) }

func (b *block) add(n ast.Node, in *branch) {
	b.nodes, b.in = append(b.nodes, n), in
}

// choice builds the statements of a branch, which begins with the current block.
func (f *flow) choice(node ast.Node, list []ast.Stmt) {
	f.choices = &branch{node: node, first: f.cur, outer: f.choices}
	f.list(list)
	f.choices = f.choices.outer
}

// to ends the current block with an edge to b.
func (f *flow) to(b *block) { f.cur.succs = append(f.cur.succs, edge{to: b}) }

// round ends the current block with the edge that closes l.
func (f *flow) round(l *backEdge) {
	f.cur.succs = append(f.cur.succs, edge{to: l.head, back: true})
	l.tails = append(l.tails, f.cur)
}

func (f *flow) list(stmts []ast.Stmt) {
	for _, s := range stmts {
		f.stmt(s, "")
	}
}

func (f *flow) stmt(s ast.Stmt, label string) {
	switch s := s.(type) {
	case nil:
	case *ast.BlockStmt:
		f.list(s.List)
	case *ast.LabeledStmt:
		b := f.label(s.Label.Name)
		f.to(b)
		f.cur = b
		f.stmt(s.Stmt, s.Label.Name)
	case *ast.ReturnStmt:
		f.add(s)
		f.g.exits = append(f.g.exits, f.cur)
		f.cur = f.block()
	case *ast.BranchStmt:
		f.branch(s)
	case *ast.IfStmt:
		f.ifStmt(s)
	case *ast.ForStmt:
		f.forStmt(s, label)
	case *ast.RangeStmt:
		f.rangeStmt(s, label)
	case *ast.SwitchStmt:
		f.stmt(s.Init, "")
		if s.Tag != nil {
			f.add(s.Tag)
		}
		f.cases(s.Body, label, true)
	case *ast.TypeSwitchStmt:
		f.stmt(s.Init, "")
		f.add(s.Assign)
		f.cases(s.Body, label, true)
	case *ast.SelectStmt:
		for _, c := range s.Body.List {
			f.operands(c.(*ast.CommClause).Comm)
		}
		f.cases(s.Body, label, false)
	default:
		f.add(s)
		if e, ok := s.(*ast.ExprStmt); ok {
			if call, ok := e.X.(*ast.CallExpr); ok && f.noexits(call) {
				f.cur = f.block()
			}
		}
	}
}

func (f *flow) label(name string) *block {
	b := f.labels[name]
	if b == nil {
		b = f.block()
		f.labels[name] = b
	}
	return b
}

func (f *flow) ifStmt(s *ast.IfStmt) {
	f.stmt(s.Init, "")
	f.add(s.Cond)
	f.cur.cond = s.Cond
	then, done := f.block(), f.block()
	f.to(then)
	if s.Else == nil {
		f.to(done)
	}
	from := f.cur
	f.cur = then
	f.choice(s.Body, s.Body.List)
	f.to(done)
	if s.Else != nil {
		els := f.block()
		from.succs = append(from.succs, edge{to: els})
		f.cur = els
		if body, ok := s.Else.(*ast.BlockStmt); ok {
			f.choice(body, body.List)
		} else {
			f.stmt(s.Else, "")
		}
		f.to(done)
	}
	f.cur = done
}

func (f *flow) forStmt(s *ast.ForStmt, label string) {
	f.stmt(s.Init, "")
	head, first, done := f.block(), f.block(), f.block()
	head.in = f.choices
	l := &backEdge{stmt: s, body: s.Body, head: head, first: first}
	f.g.backs = append(f.g.backs, l)
	f.to(head)
	f.cur = head
	if s.Cond != nil {
		f.add(s.Cond)
		f.to(done)
	}
	f.to(first)
	f.cur = first
	var post *block
	if s.Post != nil {
		post = f.block()
	}
	f.scopes = append(f.scopes, scope{label: label, brk: done, cont: post, loop: l})
	f.list(s.Body.List)
	f.scopes = f.scopes[:len(f.scopes)-1]
	if post != nil {
		f.to(post)
		f.cur = post
		f.stmt(s.Post, "")
	}
	f.round(l)
	f.cur = done
}

func (f *flow) rangeStmt(s *ast.RangeStmt, label string) {
	f.add(s.X)
	head, first, done := f.block(), f.block(), f.block()
	head.in, head.ranges = f.choices, s
	l := &backEdge{stmt: s, body: s.Body, head: head, first: first}
	f.g.backs = append(f.g.backs, l)
	f.to(head)
	f.cur = head
	f.to(first)
	f.to(done)
	f.cur = first
	if set := rangeVars(s); len(set.Lhs) > 0 {
		f.add(set)
	}
	f.scopes = append(f.scopes, scope{label: label, brk: done, loop: l})
	f.list(s.Body.List)
	f.scopes = f.scopes[:len(f.scopes)-1]
	f.round(l)
	f.cur = done
}

// rangeVars returns an assignment, without a right side, to the variables of a
// range statement: every round begins with it.
func rangeVars(s *ast.RangeStmt) *ast.AssignStmt {
	set := &ast.AssignStmt{TokPos: s.TokPos, Tok: s.Tok}
	for _, e := range []ast.Expr{s.Key, s.Value} {
		if e != nil {
			set.Lhs = append(set.Lhs, e)
		}
	}
	return set
}

// operands adds what a select statement evaluates of a clause before it chooses.
func (f *flow) operands(comm ast.Stmt) {
	switch comm := comm.(type) {
	case *ast.SendStmt:
		f.add(comm.Chan)
		f.add(comm.Value)
	case *ast.ExprStmt:
		f.add(received(comm.X))
	case *ast.AssignStmt:
		f.add(received(comm.Rhs[0]))
	}
}

// received returns the channel that a receive operation is from.
func received(e ast.Expr) ast.Expr { return ast.Unparen(e).(*ast.UnaryExpr).X }

// cases builds the clauses of a switch or select. chain is set where the case
// expressions are evaluated one after the other.
func (f *flow) cases(body *ast.BlockStmt, label string, chain bool) {
	done := f.block()
	choose := f.cur
	bodies := make([]*block, len(body.List)+1)
	for i := range body.List {
		bodies[i] = f.block()
	}
	bodies[len(body.List)] = done
	hasDefault := !chain // a select takes one of its clauses, always
	for i, c := range body.List {
		var stmts []ast.Stmt
		f.cur = bodies[i]
		switch c := c.(type) {
		case *ast.CaseClause:
			stmts = c.Body
			if c.List == nil {
				hasDefault = true
				break
			}
			for _, e := range c.List {
				choose.add(e, f.choices)
				next := f.block()
				choose.succs = append(choose.succs, edge{to: bodies[i]}, edge{to: next})
				choose = next
			}
		case *ast.CommClause:
			choose.succs = append(choose.succs, edge{to: bodies[i]})
			stmts = c.Body
			if c.Comm != nil {
				f.add(c.Comm)
			}
		}
		f.scopes = append(f.scopes, scope{label: label, brk: done, falls: bodies[i+1]})
		f.choice(c, stmts)
		f.scopes = f.scopes[:len(f.scopes)-1]
		f.to(done)
	}
	for i, c := range body.List {
		if c, ok := c.(*ast.CaseClause); ok && c.List == nil {
			choose.succs = append(choose.succs, edge{to: bodies[i]})
		}
	}
	if !hasDefault {
		choose.succs = append(choose.succs, edge{to: done})
	}
	f.cur = done
}

func (f *flow) branch(s *ast.BranchStmt) {
	f.add(s)
	if s.Tok == token.GOTO {
		to := f.label(s.Label.Name)
		f.gotos = append(f.gotos, jump{stmt: s, from: f.cur, to: to})
		f.to(to)
		f.cur = f.block()
		return
	}
	for i := len(f.scopes) - 1; i >= 0; i-- {
		sc := f.scopes[i]
		if s.Label != nil && s.Label.Name != sc.label {
			continue
		}
		switch {
		case s.Tok == token.FALLTHROUGH && sc.falls != nil:
			f.to(sc.falls)
		case s.Tok == token.BREAK:
			f.to(sc.brk)
		case s.Tok == token.CONTINUE && sc.cont != nil:
			f.to(sc.cont)
		case s.Tok == token.CONTINUE && sc.loop != nil:
			f.round(sc.loop)
		default:
			continue
		}
		break
	}
	f.cur = f.block()
}
