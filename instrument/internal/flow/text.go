package flow

import (
	"cmp"
	"go/ast"
	"go/token"
	"slices"
	"sort"

	"golang.org/x/tools/go/cfg"
)

// A Branch is a list of statements that an if, switch or select statement may choose.
type Branch struct {
	Node  ast.Node // *ast.BlockStmt, *ast.CaseClause or *ast.CommClause
	First *Block   // nil if control never comes there
	Last  *Block   // in which control comes to its end, or nil
	Outer *Branch

	open, end token.Pos // of the statements
}

// text is what a body says about its control flow that go/cfg doesn't: where each block
// begins, which branch of what it is in, and where the gotos are.
type text struct {
	starts   []start
	branches []*Branch // in the order of the text
	gotos    []*ast.BranchStmt
	// fallbacks holds the blocks of default clauses that go/cfg doesn't name.
	fallbacks map[*cfg.Block]token.Pos
}

// A start is where the statements of a block begin.
type start struct {
	pos   token.Pos
	block *cfg.Block
}

func readText(c *cfg.CFG, body *ast.BlockStmt) *text {
	t := &text{fallbacks: map[*cfg.Block]token.Pos{}}
	behind := map[ast.Stmt]*cfg.Block{} // where control goes if a clause is not the one
	for _, b := range c.Blocks {
		tests := len(b.Succs) == 2 && b.Succs[0].Stmt == b.Stmt // another expression of the clause
		if b.Kind == cfg.KindSelectAfterCase || b.Kind == cfg.KindSwitchNextCase && !tests {
			behind[b.Stmt] = b
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.IfStmt:
			t.branch(n.Body, n.Body.Lbrace, n.Body.Rbrace)
			if other, ok := n.Else.(*ast.BlockStmt); ok {
				t.branch(other, other.Lbrace, other.Rbrace)
			}
		case *ast.CaseClause:
			t.branch(n, n.Colon, n.End())
		case *ast.CommClause:
			t.branch(n, n.Colon, n.End())
		case *ast.TypeSwitchStmt:
			t.fallback(n.Body.List, behind)
		case *ast.SelectStmt:
			t.fallback(n.Body.List, behind)
		case *ast.BranchStmt:
			if n.Tok == token.GOTO {
				t.gotos = append(t.gotos, n)
			}
		}
		return true
	})
	t.nest()
	for _, b := range c.Blocks {
		if pos := t.begin(b); pos.IsValid() {
			t.starts = append(t.starts, start{pos, b})
		}
	}
	// Where several statements end at once, the outermost is the one that has ended.
	slices.SortStableFunc(t.starts, func(a, b start) int {
		return cmp.Or(cmp.Compare(a.pos, b.pos), cmp.Compare(b.block.Stmt.Pos(), a.block.Stmt.Pos()))
	})
	return t
}

func (t *text) branch(node ast.Node, open, end token.Pos) {
	t.branches = append(t.branches, &Branch{Node: node, open: open, end: end})
}

// fallback finds the block of the default clause of a type switch or select statement.
func (t *text) fallback(clauses []ast.Stmt, behind map[ast.Stmt]*cfg.Block) {
	var last *cfg.Block
	var colon token.Pos
	for _, c := range clauses {
		switch c := c.(type) {
		case *ast.CaseClause:
			if c.List == nil {
				colon = c.Colon
			}
		case *ast.CommClause:
			if c.Comm == nil {
				colon = c.Colon
			}
		}
		if b := behind[c]; b != nil {
			last = b
		}
	}
	if last != nil && colon.IsValid() {
		t.fallbacks[last] = colon
	}
}

// nest sorts the branches and finds out which are within which.
func (t *text) nest() {
	slices.SortFunc(t.branches, func(a, b *Branch) int { return cmp.Compare(a.open, b.open) })
	var around *Branch
	for _, b := range t.branches {
		for around != nil && around.end < b.open {
			around = around.Outer
		}
		b.Outer, around = around, b
	}
}

// begin returns where the statements of a block begin, if it is made of such.
func (t *text) begin(b *cfg.Block) token.Pos {
	if pos, ok := t.fallbacks[b]; ok {
		return pos
	}
	switch b.Kind {
	case cfg.KindBody:
		return b.Stmt.Pos()
	case cfg.KindForBody:
		return b.Stmt.(*ast.ForStmt).Body.Lbrace
	case cfg.KindRangeBody:
		return b.Stmt.(*ast.RangeStmt).Body.Lbrace
	case cfg.KindIfThen:
		return b.Stmt.(*ast.IfStmt).Body.Lbrace
	case cfg.KindIfElse:
		return b.Stmt.(*ast.IfStmt).Else.Pos()
	case cfg.KindSwitchCaseBody:
		return b.Stmt.(*ast.CaseClause).Colon
	case cfg.KindSelectCaseBody:
		return b.Stmt.(*ast.CommClause).Colon
	case cfg.KindLabel:
		return b.Stmt.(*ast.LabeledStmt).Colon
	case cfg.KindUnreachable, cfg.KindForDone, cfg.KindRangeDone, cfg.KindIfDone, cfg.KindSwitchDone, cfg.KindSelectDone:
		return b.Stmt.End()
	}
	return token.NoPos
}

// position returns where a block stands in the text.
func (t *text) position(b *cfg.Block) token.Pos {
	if pos := t.begin(b); pos.IsValid() {
		return pos
	}
	return b.Stmt.Pos() // it evaluates a part of a statement
}

// order returns the blocks that control can reach, in the order of the text.
func (t *text) order(c *cfg.CFG) []*cfg.Block {
	out := slices.DeleteFunc(slices.Clone(c.Blocks), func(b *cfg.Block) bool { return !b.Live })
	slices.SortStableFunc(out, func(a, b *cfg.Block) int { return cmp.Compare(t.position(a), t.position(b)) })
	return out
}

// at returns the block in which control comes to the statement at pos.
func (t *text) at(pos token.Pos) *cfg.Block {
	i := sort.Search(len(t.starts), func(i int) bool { return t.starts[i].pos > pos })
	return t.starts[i-1].block
}

// branchAt returns the innermost branch that holds pos.
func (t *text) branchAt(pos token.Pos) *Branch {
	i := sort.Search(len(t.branches), func(i int) bool { return t.branches[i].open > pos })
	if i == 0 {
		return nil
	}
	b := t.branches[i-1]
	for b != nil && b.end < pos {
		b = b.Outer
	}
	return b
}
