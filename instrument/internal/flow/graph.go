package flow

import (
	"go/ast"
	"slices"

	"golang.org/x/tools/go/cfg"
)

// A Block is a straight run of nodes: control that enters it evaluates all of them.
type Block struct {
	Nodes []ast.Node
	Succs []*Block
	Preds []*Block
	// Closes is set where the only way on closes a for or range statement.
	Closes bool
	Cond   ast.Expr // of an if or for statement: Succs[0] is where it is true
	In     *Branch  // the innermost branch that holds the block, or nil
	// Ranges is set on a block that begins a round of a range statement.
	Ranges *ast.RangeStmt
	Loops  []*Loop // those whose rounds can touch the block

	order int // in the text
}

// A Set holds blocks.
type Set map[*Block]bool

// A Graph is the control flow of one function body. What control cannot reach is not
// in it, and what never returns leads nowhere.
type Graph struct {
	Entry    *Block
	Blocks   []*Block // in the order of the text
	Loops    []*Loop
	Exits    []*Block             // blocks that return, or that fall off the end
	After    map[ast.Stmt]*Block  // where control goes on behind an if or switch statement
	Branches map[ast.Node]*Branch // by their nodes
}

func newGraph(c *cfg.CFG, body *ast.BlockStmt) *Graph {
	t := readText(c, body)
	g := &Graph{After: map[ast.Stmt]*Block{}, Branches: map[ast.Node]*Branch{}}
	of := map[*cfg.Block]*Block{}
	for i, from := range t.order(c) {
		of[from] = &Block{order: i, In: t.branchAt(t.position(from))}
		g.Blocks = append(g.Blocks, of[from])
	}
	g.Entry = of[c.Blocks[0]]
	for _, br := range t.branches {
		br.First, br.Last = of[t.at(br.open)], of[t.at(br.end)]
		g.Branches[br.Node] = br
	}
	early := evaluatedEarly(c)
	for from, b := range of {
		b.Nodes = nodes(from, body, early)
		for _, to := range from.Succs {
			b.Succs = append(b.Succs, of[to])
		}
		if len(from.Succs) == 2 && (from.Succs[0].Kind == cfg.KindIfThen || from.Succs[0].Kind == cfg.KindForBody) {
			b.Cond = from.Nodes[len(from.Nodes)-1].(ast.Expr)
		}
		switch from.Kind {
		case cfg.KindRangeLoop:
			b.Ranges = from.Stmt.(*ast.RangeStmt)
		case cfg.KindIfDone, cfg.KindSwitchDone:
			g.After[from.Stmt] = b
		}
	}
	for _, b := range g.Blocks {
		for _, to := range b.Succs {
			to.Preds = append(to.Preds, b)
		}
	}
	for from, b := range of {
		if from.Return() != nil {
			g.Exits = append(g.Exits, b)
		}
	}
	slices.SortFunc(g.Exits, inText)
	g.findLoops(t, of)
	return g
}

func inText(a, b *Block) int { return a.order - b.order }

// evaluatedEarly returns what go/cfg lists before a loop or a choice, and that is evaluated
// in each round or once the choice is made: the variables of range statements, and what
// the clauses of select statements wait for.
func evaluatedEarly(c *cfg.CFG) map[ast.Node]bool {
	early := map[ast.Node]bool{}
	for _, b := range c.Blocks {
		switch s := b.Stmt.(type) {
		case *ast.RangeStmt:
			for _, e := range RangeVars(s).Lhs {
				early[e] = true
			}
		case *ast.CommClause:
			if s.Comm != nil {
				early[s.Comm] = true
			}
			if set, ok := s.Comm.(*ast.AssignStmt); ok {
				early[set.Lhs[0]] = true
			}
		}
	}
	return early
}

// nodes returns what a block of go/cfg evaluates.
func nodes(b *cfg.Block, body *ast.BlockStmt, early map[ast.Node]bool) []ast.Node {
	var out []ast.Node
	switch s := b.Stmt.(type) {
	case *ast.RangeStmt:
		if set := RangeVars(s); b.Kind == cfg.KindRangeBody && len(set.Lhs) > 0 {
			out = append(out, set)
		}
	case *ast.CommClause:
		if b.Kind == cfg.KindSelectCaseBody && s.Comm != nil {
			out = append(out, s.Comm)
		}
	}
	for _, n := range b.Nodes {
		ret, _ := n.(*ast.ReturnStmt)
		switch {
		case ret != nil && ret.Return == body.Rbrace: // go/cfg made it
		case !early[n]:
			out = append(out, n)
		default:
			if comm, ok := n.(ast.Stmt); ok {
				out = append(out, operands(comm)...)
			}
		}
	}
	return out
}

// RangeVars returns an assignment, without a right side, to the variables of a
// range statement: every round begins with it.
func RangeVars(s *ast.RangeStmt) *ast.AssignStmt {
	set := &ast.AssignStmt{TokPos: s.TokPos, Tok: s.Tok}
	for _, e := range []ast.Expr{s.Key, s.Value} {
		if e != nil {
			set.Lhs = append(set.Lhs, e)
		}
	}
	return set
}

// operands returns what a select statement evaluates of a clause before it chooses.
func operands(comm ast.Stmt) []ast.Node {
	received := func(e ast.Expr) ast.Node { return ast.Unparen(e).(*ast.UnaryExpr).X }
	switch comm := comm.(type) {
	case *ast.SendStmt:
		return []ast.Node{comm.Chan, comm.Value}
	case *ast.ExprStmt:
		return []ast.Node{received(comm.X)}
	case *ast.AssignStmt:
		return []ast.Node{received(comm.Rhs[0])}
	}
	return nil
}
