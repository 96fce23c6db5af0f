package flow

import (
	"cmp"
	"go/ast"
	"slices"

	"golang.org/x/tools/go/cfg"
)

// A Loop is one way for control to come round again: a for or range statement, or a
// goto whose label can lead to it again.
type Loop struct {
	Stmt   ast.Stmt       // *ast.ForStmt, *ast.RangeStmt or *ast.BranchStmt
	Body   *ast.BlockStmt // nil for a goto
	Head   *Block         // where every round begins
	First  *Block         // the first block of the body; nil for a goto
	Last   *Block         // the one that the body ends in; nil for a goto, and if control never comes there
	Tails  []*Block       // the blocks that lead back to Head
	Region Set            // the blocks that a round can touch
	Blocks []*Block       // the same, in the order of the text
	Inner  []*Loop        // the loops within, at any depth

	holds map[*Loop]bool // the same
}

// findLoops finds the loops of a graph that control can reach.
func (g *Graph) findLoops(t *text, of map[*cfg.Block]*Block) {
	loops := map[ast.Stmt]*Loop{}
	loop := func(s ast.Stmt) *Loop {
		if loops[s] == nil {
			loops[s] = &Loop{Stmt: s}
		}
		return loops[s]
	}
	for from, b := range of {
		switch from.Kind {
		case cfg.KindForBody:
			l := loop(from.Stmt)
			l.First, l.Body = b, from.Stmt.(*ast.ForStmt).Body
			if from.Stmt.(*ast.ForStmt).Cond == nil {
				l.Head = b
			}
		case cfg.KindRangeBody:
			l := loop(from.Stmt)
			l.First, l.Body = b, from.Stmt.(*ast.RangeStmt).Body
		case cfg.KindForLoop, cfg.KindRangeLoop:
			loop(from.Stmt).Head = b
		}
	}
	heads := map[*Block]*Loop{}
	for _, l := range loops {
		heads[l.Head] = l
	}
	for from, b := range of {
		if len(b.Succs) != 1 {
			continue
		}
		if l := heads[b.Succs[0]]; l != nil && within(from, l.Stmt) {
			b.Closes = true
			l.Tails = append(l.Tails, b)
		}
	}
	for _, l := range loops {
		if len(l.Tails) > 0 {
			l.Last = of[t.at(l.Body.Rbrace)]
			slices.SortFunc(l.Tails, inText)
			g.Loops = append(g.Loops, l)
		}
	}
	slices.SortFunc(g.Loops, func(a, b *Loop) int { return cmp.Compare(a.Stmt.Pos(), b.Stmt.Pos()) })
	g.Loops = append(g.Loops, g.gotoLoops(t, of)...)
	g.nest()
}

// within tells whether a block belongs to a loop statement, and not to what follows.
func within(b *cfg.Block, loop ast.Stmt) bool {
	if b.Stmt == loop {
		return b.Kind != cfg.KindForDone && b.Kind != cfg.KindRangeDone
	}
	return loop.Pos() <= b.Stmt.Pos() && b.Stmt.End() <= loop.End()
}

// gotoLoops finds the gotos that can lead to themselves. A cycle without a loop
// statement has a goto that leads upwards in the text: all other ways lead down.
func (g *Graph) gotoLoops(t *text, of map[*cfg.Block]*Block) []*Loop {
	if len(t.gotos) == 0 {
		return nil
	}
	type label struct {
		stmt  *ast.LabeledStmt
		block *Block
	}
	labels := map[string]label{}
	for from, b := range of {
		if s, ok := from.Stmt.(*ast.LabeledStmt); ok && from.Kind == cfg.KindLabel {
			labels[s.Label.Name] = label{s, b}
		}
	}
	cycle := map[*Block]int{}
	for i, blocks := range Cycles(g.Blocks, (*Block).ahead) {
		for _, b := range blocks {
			cycle[b] = i + 1
		}
	}
	var out []*Loop
	for _, jump := range t.gotos {
		from, to := of[t.at(jump.Pos())], labels[jump.Label.Name]
		if from != nil && to.block != nil && jump.Pos() > to.stmt.Pos() && cycle[from] != 0 && cycle[from] == cycle[to.block] {
			out = append(out, &Loop{Stmt: jump, Head: to.block, Tails: []*Block{from}})
		}
	}
	return out
}

// nest finds the regions of the loops, and which loops are within which.
func (g *Graph) nest() {
	heads := map[*Block][]*Loop{}
	for _, l := range g.Loops {
		heads[l.Head] = append(heads[l.Head], l)
		l.Region, l.holds = l.region(), map[*Loop]bool{}
		for b := range l.Region {
			l.Blocks = append(l.Blocks, b)
			b.Loops = append(b.Loops, l)
		}
		slices.SortFunc(l.Blocks, inText)
	}
	for _, l := range g.Loops {
		for _, b := range l.Blocks {
			for _, in := range heads[b] {
				smaller := len(in.Blocks) < len(l.Blocks) || in.Stmt.Pos() > l.Stmt.Pos()
				if in != l && smaller && !slices.ContainsFunc(in.Blocks, func(b *Block) bool { return !l.Region[b] }) {
					l.Inner, l.holds[in] = append(l.Inner, in), true
				}
			}
		}
	}
}

// region returns the blocks that a round through l can touch.
func (l *Loop) region() Set {
	in := backward(l.Tails, l.Head, nil)
	if l.First == nil {
		// A goto's way round begins at its label; what leads to the label from
		// outside is no part of it.
		in = Forward(l.Head, in, nil)
	}
	return in
}

// Covered tells whether every way round l within the set in enters a block of cut.
func (l *Loop) Covered(in, cut Set) bool {
	open := Forward(l.Head, in, cut)
	return !slices.ContainsFunc(l.Tails, func(b *Block) bool { return open[b] })
}

// Open returns the blocks on the ways round l within the set in that enter no block of
// cut.
func (l *Loop) Open(in, cut Set) Set {
	return backward(l.Tails, l.Head, Forward(l.Head, in, cut))
}

// Ends tells whether all rounds of l that enter no block of cut come to the block at, but
// those that lead to no next round, of l or of a loop around it.
func (l *Loop) Ends(cut Set, at *Block) bool {
	for b := range Forward(l.First, l.Region, l.With(cut, at)) {
		leaves := func(to *Block) bool {
			return !l.Region[to] && slices.ContainsFunc(to.Loops, func(around *Loop) bool { return around.Holds(l) })
		}
		if slices.Contains(l.Tails, b) || slices.ContainsFunc(b.Succs, leaves) {
			return false
		}
	}
	return true
}

// Holds tells whether in is within l.
func (l *Loop) Holds(in *Loop) bool { return l.holds[in] }

// With returns the blocks of l that a set holds, and one more.
func (l *Loop) With(set Set, b *Block) Set {
	out := Set{b: true}
	for _, in := range l.Blocks {
		if set[in] {
			out[in] = true
		}
	}
	return out
}
