package instrument

import (
	"go/ast"
	"slices"

	"github.com/gvthread/gvthread/instrument/internal/bound"
	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/flow"
	"github.com/gvthread/gvthread/instrument/internal/insert"
)

// A candidate is a back-edge, and what the rules ask about it.
type candidate struct {
	u    *unit
	fn   *code.Function
	file *fileText
	site Site // without a decision

	covered   bool       // every way round passes a safepoint
	atLoop    *directive // for this loop alone, or nil
	directive *directive // that one, or else the function's or the file's
	pragma    string     // why the function can hold no safepoint: "is marked go:nosplit"

	cycle string // of a function, how it comes round: "calls itself"

	cut     flow.Set    // the blocks that pass a safepoint
	loop    *bound.Loop // as far as its ways round pass none; nil for a function
	cost    int         // of the longest round, as far as that is
	bounded bool        // by the text
}

func (u *unit) candidate(f *code.Function) *candidate {
	c := &candidate{u: u, fn: f, file: u.files[f.File], site: Site{Finding: Finding{Func: f.Name}, file: f.File}}
	c.directive = c.file.whole
	if c.directive == nil {
		c.directive = c.file.funcs[f.Decl]
	}
	if decl, ok := f.Node.(*ast.FuncDecl); ok && c.file.pragmas[decl] != "" {
		c.pragma = "is marked " + c.file.pragmas[decl]
	} else if u.pins {
		c.pragma = "is in a package that calls runtime.procPin"
	}
	return c
}

// functionCandidate is a function on a cycle of calls: that is covered if none is left
// that says how it comes round.
func (u *unit) functionCandidate(f *code.Function, cycle string) *candidate {
	c := u.candidate(f)
	c.site.Kind, c.site.Pos, c.site.point = Recursion, f.Pos(), insert.Point{Body: f.Body}
	c.cycle, c.covered = cycle, cycle == ""
	return c
}

// loopCandidate is a loop in a function, of which some blocks pass a safepoint.
func (u *unit) loopCandidate(f *code.Function, l *bound.Loop, cut flow.Set) *candidate {
	c := u.candidate(f)
	c.site.Pos, c.site.point.Body = l.Stmt.Pos(), l.Body
	switch stmt := l.Stmt.(type) {
	case *ast.ForStmt:
		c.site.Kind = For
	case *ast.RangeStmt:
		c.site.Kind = Range
	case *ast.BranchStmt:
		c.site.Kind, c.site.point.Before = Goto, stmt
	}
	if c.atLoop = c.file.at(u.Line(c.site.Pos)); c.atLoop != nil {
		c.directive = c.atLoop
	}
	if l.Strided != nil {
		cut = l.With(cut, l.Strided)
	}
	if u.paced(l.Loop) {
		cut = l.With(cut, l.Head)
	}
	c.cut, c.loop, c.covered = cut, l, l.Covered(l.Region, cut)
	if c.covered {
		return c
	}
	open := l.Open(l.Region, cut)
	if len(open) < len(l.Region) && l.First != nil {
		c.loop = l.Part(open)
	}
	c.cost, c.bounded = u.pathCost(f, l.Head, open, c.loop)
	return c
}

// decide applies the first rule that holds.
func (c *candidate) decide() *Site {
	s := c.site
	i := 0
	for !c.u.policy.has(&Rules[i]) || !Rules[i].test(c) {
		i++ // the last rule of every policy holds always
	}
	r := &Rules[i]
	s.Rule, s.Decision, s.Form, s.Class, s.Reason = r.Name, r.Decision, r.Form, r.Class, r.reason(c)
	switch s.Form {
	case Check:
		if c.loop != nil {
			c.place(&s)
		}
	case Stride:
		counter := c.loop.Counter
		s.point.Counter = counter.Name
		s.point.Last = c.loop.First != nil && c.ends(c.loop.Body, c.loop.Last) && c.u.Lookup(counter.Name, c.loop.Body.Rbrace) == c.u.Info.ObjectOf(counter)
	case Branch:
		s.point.Branches = c.rare()
		for _, br := range s.point.Branches {
			s.at = append(s.at, br.First)
		}
	}
	return &s
}

// short tells whether all rounds together are short.
func (c *candidate) short() bool {
	l := c.loop
	return c.bounded && l.Kind == bound.Constant && l.First != nil && l.Rounds <= shortLoop && int64(c.cost)*max(l.Rounds, 1) <= shortLoop
}

// overData tells whether a loop is tight and bounded by data.
func (c *candidate) overData() bool {
	return c.tight() && c.loop.Kind == bound.Data
}

// tight tells whether the rounds of a loop statement are short.
func (c *candidate) tight() bool { return c.bounded && c.cost <= tightRound && c.loop.First != nil }

// canStride tells whether a loop is tight and counts its rounds.
func (c *candidate) canStride() bool {
	return c.bounded && c.cost <= strideRound && c.loop.Counter != nil
}

// place puts the safepoint of every round of a loop where it costs least. Go's compiler puts
// the call, which is hardly ever made, between the check and what follows. At the end of the
// body nothing follows: what leaps over the call is the jump to the next round, and what the
// call needs saved is saved beside it. At the beginning a scan of bytes takes half as long again.
//
// If branches come together at that end, and only one of them has passed no other safepoint,
// the end of that one is better still: the others need no second check, and this one no jump to
// where they meet.
func (c *candidate) place(s *Site) {
	l := c.loop
	switch {
	case l.First == nil:
		s.at = l.Tails[:1]
		return
	case !c.ends(l.Body, l.Last):
		s.at = []*flow.Block{l.First}
		return
	}
	open := l.Open(l.Region, c.cut)
	s.point.Last, s.at = true, []*flow.Block{l.Last}
	for body := l.Body; len(s.at[0].Preds) > 1; {
		nodes, _ := branchesOf(body.List[len(body.List)-1])
		i := slices.IndexFunc(nodes, func(n ast.Node) bool { return open[c.fn.Graph.Branches[n].Last] })
		if i < 0 {
			return
		}
		block, ok := nodes[i].(*ast.BlockStmt)
		last := c.fn.Graph.Branches[nodes[i]].Last
		if !ok || !c.ends(block, last) {
			return // or another one leads on, too
		}
		s.point.Body, s.at[0], body = block, last, block
	}
}

// ends tells whether all rounds that pass no safepoint come to the end of a block of
// statements, which is on a line behind that of its last statement.
func (c *candidate) ends(body *ast.BlockStmt, at *flow.Block) bool {
	if at == nil || len(body.List) == 0 {
		return false
	}
	end := body.List[len(body.List)-1].End()
	return c.u.Line(end) < c.u.Line(body.Rbrace) && c.loop.Ends(c.cut, at)
}

// rare returns the branches that make the rounds of a loop long, if only few do.
func (c *candidate) rare() []*flow.Branch {
	return c.u.rare(c.fn, c.u.loops[c.loop.Loop], c.cut)
}
