package instrument

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/flow"
	"github.com/gvthread/gvthread/instrument/internal/insert"
)

// An entry finds where a function on a cycle of calls gets its safepoint: as late as every
// way to a call that can lead back to the function still passes it. Most calls of a recursive
// function are the last ones, which call nothing: those ways pass no safepoint.
type entry struct {
	fn    *code.Function
	back  func(*code.Function) bool // can call fn again
	calls []token.Pos               // that lead back
}

// entryOf returns the place, and the blocks that hold it: in branches that call, and before
// a statement, or first in the body.
func entryOf(f *code.Function, back func(*code.Function) bool) (p insert.Point, at flow.Set) {
	e := entry{fn: f, back: back}
	for _, c := range f.All() {
		if slices.ContainsFunc(c.Funcs, back) {
			e.calls = append(e.calls, c.Expr.Pos())
		}
	}
	if p, at = e.place(); e.passed(at) {
		return p, at
	}
	return insert.Point{Body: f.Body}, flow.Set{f.Graph.Entry: true}
}

// passed tells whether every way to a call enters a block of at: a goto may lead past them.
func (e *entry) passed(at flow.Set) bool {
	for b := range flow.Forward(e.fn.Graph.Entry, nil, at) {
		if slices.ContainsFunc(e.fn.Calls[b], func(c code.Call) bool { return slices.ContainsFunc(c.Funcs, e.back) }) {
			return false
		}
	}
	return true
}

// place finds the place in the text, as if nothing jumped.
func (e *entry) place() (p insert.Point, at flow.Set) {
	f := e.fn
	p, at = insert.Point{Body: f.Body}, flow.Set{}
	here := f.Graph.Entry
	for i, s := range f.Body.List {
		last := !e.called(s.End(), f.Body.End())
		calling, free, ok := e.pass(s, last)
		if !ok || len(p.Branches)+len(calling) > maxBranches {
			break
		}
		onward := calling != nil || free
		if onward && !last {
			if _, labelled := f.Body.List[i+1].(*ast.LabeledStmt); labelled || f.Graph.After[s] == nil {
				break
			}
		}
		for _, br := range calling {
			p.Branches, at[br.First] = append(p.Branches, br), true
		}
		if last && calling != nil {
			p.Before = nil
			return p, at
		}
		if onward {
			p.Before, here = f.Body.List[i+1], f.Graph.After[s]
		}
	}
	at[here] = true
	return p, at
}

// pass tells whether the safepoint can go behind a statement, but for the branches of it
// that call and get one of their own. free is set if other ways through it end the
// function. last says that no call follows.
func (e *entry) pass(s ast.Stmt, last bool) (calling []*flow.Branch, free, ok bool) {
	if !e.called(s.Pos(), s.End()) {
		switch s.(type) {
		case *ast.AssignStmt, *ast.DeclStmt, *ast.ExprStmt, *ast.IncDecStmt, *ast.ForStmt, *ast.RangeStmt:
			return nil, false, true
		}
	}
	nodes, all := branchesOf(s)
	if nodes == nil || e.called(s.Pos(), insert.ListIn(nodes[0]).Open) {
		return nil, false, false
	}
	for i, node := range nodes {
		from := insert.ListIn(node).Open
		if i > 0 && e.called(nodes[i-1].End(), from) {
			return nil, false, false // in a condition
		}
		br := e.fn.Graph.Branches[node]
		switch calls := e.called(from, node.End()); {
		case calls && (!last && !returns(node) || br.First == nil):
			return nil, false, false // a way on would pass two
		case calls:
			calling = append(calling, br)
		default:
			free = free || returns(node)
		}
	}
	return calling, free, !all || len(calling) < len(nodes)
}

// called tells whether the text between two positions holds a call that leads back.
func (e *entry) called(from, to token.Pos) bool {
	return slices.ContainsFunc(e.calls, func(c token.Pos) bool { return from <= c && c < to })
}

// branchesOf returns the branches of an if or switch statement, nil for others, and
// whether one of them is always taken.
func branchesOf(s ast.Stmt) (nodes []ast.Node, all bool) {
	var clauses *ast.BlockStmt
	switch s := s.(type) {
	case *ast.IfStmt:
		nodes = append(nodes, s.Body)
		switch other := s.Else.(type) {
		case *ast.BlockStmt:
			return append(nodes, other), true
		case *ast.IfStmt:
			more, all := branchesOf(other)
			return append(nodes, more...), all
		}
		return nodes, false
	case *ast.SwitchStmt:
		clauses = s.Body
	case *ast.TypeSwitchStmt:
		clauses = s.Body
	default:
		return nil, false
	}
	for _, c := range clauses.List {
		nodes = append(nodes, c)
		all = all || c.(*ast.CaseClause).List == nil
	}
	return nodes, all
}

// returns tells whether a branch ends in a return statement.
func returns(branch ast.Node) bool {
	list := insert.ListIn(branch).Stmts
	if len(list) == 0 {
		return false
	}
	_, ok := list[len(list)-1].(*ast.ReturnStmt)
	return ok
}
