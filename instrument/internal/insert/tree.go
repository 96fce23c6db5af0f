package insert

import (
	"bytes"
	"fmt"
	"go/format"
	"go/token"
	"strconv"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"

	"github.com/gvthread/gvthread/instrument/internal/load"
)

// joinedMark follows the inserted mark where a body stood on one line: that
// cannot be seen any more once it holds a statement of ours.
const joinedMark = "joined"

// Rewrite returns the file's text with safepoints at the points.
//
// In a formatted file the syntax tree with comments attached (dst) makes the change. It can lose a
// comment's place in rare layouts, so the result must give the original back when
// the safepoints are taken out again. Where it does not, the text is edited
// instead, byte for byte. So it is in a file that is not formatted: whoever wrote
// that wants the layout as it is. Where even that loses something, no line moves.
func (f *File) Rewrite(points []*Point, name Name) ([]byte, error) {
	want, err := format.Source(f.src)
	if err != nil {
		return nil, err
	}
	edited := Apply(f.src, f.OwnLines(points, name))
	if bytes.Equal(f.src, want) {
		if out, err := f.rewriteTree(points, name); err == nil && givesBack(out, f.src) {
			return out, nil
		}
		if edited, err = format.Source(edited); err != nil {
			edited = nil
		}
	}
	if !givesBack(edited, f.src) {
		return Apply(f.src, f.SameLine(points, name)), nil
	}
	return edited, nil
}

func givesBack(out, want []byte) bool {
	back, err := Remove(out)
	return err == nil && bytes.Equal(back, want)
}

// rewriteTree makes the change on the decorated syntax tree.
func (f *File) rewriteTree(points []*Point, name Name) (out []byte, err error) {
	defer func() {
		// dst panics on trees that it does not know.
		if v := recover(); v != nil {
			err = fmt.Errorf("decorating the syntax tree: %v", v)
		}
	}()
	d := decorator.NewDecorator(f.Fset)
	tree, err := d.DecorateFile(f.syntax)
	if err != nil {
		return nil, err
	}
	checks := map[dst.Stmt]dst.Stmt{}
	for _, p := range points {
		if p.Before != nil {
			checks[d.Dst.Nodes[p.Before].(dst.Stmt)] = p.statement(name)
		}
		for _, l := range p.lists() {
			f.insertInto(d.Dst.Nodes[l.node], l, p.statement(name))
		}
	}
	if len(checks) > 0 {
		dst.Inspect(tree, func(n dst.Node) bool { insertBefore(n, checks); return true })
	}
	if name.own {
		addImport(tree, name)
	}
	var buf bytes.Buffer
	if err := decorator.Fprint(&buf, tree); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// insertInto puts a safepoint into a list of statements.
func (f *File) insertInto(node dst.Node, l List, stmt dst.Stmt) {
	switch node := node.(type) {
	case *dst.BlockStmt:
		if l.last {
			node.List = append(node.List, stmt)
			return
		}
		if f.Line(l.Open) == f.Line(l.end) && len(node.List) > 0 {
			splitBody(node)
			callOf(stmt).Decs.End.Replace(lineMark + " " + joinedMark)
		}
		node.List = append([]dst.Stmt{stmt}, node.List...)
	case *dst.CaseClause:
		node.Body = append([]dst.Stmt{stmt}, node.Body...)
	case *dst.CommClause:
		node.Body = append([]dst.Stmt{stmt}, node.Body...)
	}
}

// splitBody puts the statements of a body that stood on one line on their own.
func splitBody(body *dst.BlockStmt) {
	for _, s := range body.List {
		s.Decorations().Before, s.Decorations().After = dst.NewLine, dst.NewLine
	}
}

// statement returns a safepoint as a tree.
func (p *Point) statement(name Name) dst.Stmt {
	call := &dst.ExprStmt{X: &dst.CallExpr{Fun: &dst.SelectorExpr{X: dst.NewIdent(name.text), Sel: dst.NewIdent("Safepoint")}}}
	call.Decs.Before, call.Decs.After = dst.NewLine, dst.NewLine
	if !name.own {
		call.Decs.End.Append(lineMark)
	}
	if p.Counter == "" {
		return call
	}
	stmt := &dst.IfStmt{
		Cond: &dst.BinaryExpr{
			X:  &dst.BinaryExpr{X: dst.NewIdent(p.Counter), Op: token.AND, Y: &dst.BasicLit{Kind: token.INT, Value: strconv.Itoa(strideMask)}},
			Op: token.EQL, Y: &dst.BasicLit{Kind: token.INT, Value: "0"},
		},
		Body: &dst.BlockStmt{List: []dst.Stmt{call}},
	}
	stmt.Decs.Before, stmt.Decs.After = dst.NewLine, dst.NewLine
	return stmt
}

// callOf returns the call in the tree of a safepoint.
func callOf(stmt dst.Stmt) *dst.ExprStmt {
	if s, ok := stmt.(*dst.IfStmt); ok {
		return s.Body.List[0].(*dst.ExprStmt)
	}
	return stmt.(*dst.ExprStmt)
}

// insertBefore puts checks before the statements that they are for, in the lists of n.
func insertBefore(n dst.Node, checks map[dst.Stmt]dst.Stmt) {
	var list *[]dst.Stmt
	switch n := n.(type) {
	case *dst.BlockStmt:
		list = &n.List
	case *dst.CaseClause:
		list = &n.Body
	case *dst.CommClause:
		list = &n.Body
	default:
		return
	}
	var out []dst.Stmt
	for _, s := range *list {
		labelled := s
		for {
			l, ok := labelled.(*dst.LabeledStmt)
			if !ok {
				break
			}
			if check := checks[l.Stmt]; check != nil {
				// The label must lead to the safepoint, not past it.
				behind := l.Stmt
				l.Stmt = check
				behind.Decorations().Before = dst.NewLine
				out = append(out, s)
				s = behind
				break
			}
			labelled = l.Stmt
		}
		if check := checks[s]; check != nil && labelled == s {
			// What stood above the statement stays above.
			check.Decorations().Start, s.Decorations().Start = s.Decorations().Start, nil
			check.Decorations().Before, s.Decorations().Before = s.Decorations().Before, dst.NewLine
			out = append(out, check)
		}
		out = append(out, s)
	}
	*list = out
}

// addImport adds an import declaration of its own below the others. Joining a
// group would let gofmt sort it, and other imports with it.
func addImport(tree *dst.File, name Name) {
	spec := &dst.ImportSpec{Name: dst.NewIdent(name.text), Path: &dst.BasicLit{Kind: token.STRING, Value: `"` + load.RuntimePath + `"`}}
	decl := &dst.GenDecl{Tok: token.IMPORT, Specs: []dst.Spec{spec}}
	decl.Decs.Before, decl.Decs.After = dst.NewLine, dst.EmptyLine
	decl.Decs.End.Append(lineMark)
	at := 0
	for i, d := range tree.Decls {
		if g, ok := d.(*dst.GenDecl); ok && g.Tok == token.IMPORT {
			at = i + 1
		}
	}
	if at > 0 {
		decl.Decs.After = tree.Decls[at-1].Decorations().After
		tree.Decls[at-1].Decorations().After = dst.NewLine
	} else {
		decl.Decs.Before = dst.EmptyLine
	}
	tree.Decls = append(tree.Decls[:at], append([]dst.Decl{decl}, tree.Decls[at:]...)...)
	tree.Imports = append(tree.Imports, spec)
}
