package instrument

import (
	"go/ast"
	"go/token"
)

// A block is a straight run of nodes: whoever enters it evaluates all of them.
type block struct {
	nodes []ast.Node
	succs []edge
	preds []*block
	cond  ast.Expr // of an if statement: the first of succs is where it is true
	in    *branch  // the innermost one that holds its nodes, or nil
	// ranges is set on a block that begins a round of a range statement.
	ranges *ast.RangeStmt
}

// A branch is a list of statements that an if, switch or select statement may choose.
type branch struct {
	node  ast.Node // *ast.BlockStmt, *ast.CaseClause or *ast.CommClause
	first *block
	outer *branch
}

// An edge leads to a block. A back edge closes a for or range statement.
type edge struct {
	to   *block
	back bool
}

// A backEdge is one way for control to come round again: a for or range
// statement, or a goto whose label can lead to it again.
type backEdge struct {
	stmt  ast.Stmt // *ast.ForStmt, *ast.RangeStmt or *ast.BranchStmt
	body  *ast.BlockStmt
	head  *block   // where every round begins
	first *block   // the first block of the body; nil for a goto
	tails []*block // the blocks that lead back to head
}

// anchor returns where the check of every round goes.
func (l *backEdge) anchor() anchor {
	jump, _ := l.stmt.(*ast.BranchStmt)
	return anchor{body: l.body, jump: jump}
}

// A graph is the control flow of one function body, without its closures.
//
// golang.org/x/tools/go/cfg is not used because it keeps no trace of which
// block ends in which goto, and which edges close a loop: the two things that
// matter here.
type graph struct {
	entry  *block
	blocks []*block
	backs  []*backEdge
	exits  []*block // blocks that return, or that fall off the end
}

// newGraph builds the control flow of body. noexits tells which calls never
// return, as panic and os.Exit.
func newGraph(body *ast.BlockStmt, noexits func(*ast.CallExpr) bool) *graph {
	f := &flow{g: &graph{}, labels: map[string]*block{}, noexits: noexits}
	f.cur = f.block()
	f.g.entry = f.cur
	f.list(body.List)
	f.g.exits = append(f.g.exits, f.cur)
	f.dropDead()
	for _, j := range f.gotos {
		// A cycle without a loop statement has a goto that leads upwards in the
		// text: all other ways lead down.
		if j.to != nil && j.stmt.Pos() > f.labelPos(body, j.stmt.Label.Name) && reaches(j.to, j.from) {
			f.g.backs = append(f.g.backs, &backEdge{stmt: j.stmt, head: j.to, tails: []*block{j.from}})
		}
	}
	return f.g
}

func (f *flow) labelPos(body *ast.BlockStmt, name string) token.Pos {
	pos := body.End()
	ast.Inspect(body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		if l, ok := n.(*ast.LabeledStmt); ok && l.Label.Name == name {
			pos = l.Pos()
		}
		return true
	})
	return pos
}

// dropDead forgets what cannot be reached from the entry, so that code behind a
// return is nobody's way round.
func (f *flow) dropDead() {
	live := map[*block]bool{}
	stack := []*block{f.g.entry}
	for len(stack) > 0 {
		b := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if live[b] {
			continue
		}
		live[b] = true
		for _, e := range b.succs {
			e.to.preds = append(e.to.preds, b)
			stack = append(stack, e.to)
		}
	}
	keep := func(in []*block) (out []*block) {
		for _, b := range in {
			if live[b] {
				out = append(out, b)
			}
		}
		return out
	}
	f.g.blocks, f.g.exits = keep(f.g.blocks), keep(f.g.exits)
	var backs []*backEdge
	for _, b := range f.g.backs {
		if b.tails = keep(b.tails); len(b.tails) > 0 && live[b.head] {
			backs = append(backs, b)
		}
	}
	f.g.backs = backs
	for i := range f.gotos {
		if !live[f.gotos[i].from] {
			f.gotos[i].to = nil
		}
	}
}
