package insert

import (
	"bytes"
	"fmt"
	"go/format"
	"go/token"
	"slices"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"
	"github.com/dave/dst/dstutil"

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
	before := map[dst.Node]dst.Stmt{}
	for _, at := range places(points) {
		if at.list.node == nil {
			before[d.Dst.Nodes[at.Before]] = at.statement(name, name.mark(lineMark))
		} else {
			f.insertInto(d.Dst.Nodes[at.list.node], at, name)
		}
	}
	if len(before) > 0 {
		dstutil.Apply(tree, nil, func(c *dstutil.Cursor) bool { insertBefore(c, before); return true })
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
func (f *File) insertInto(node dst.Node, at place, name Name) {
	var list *[]dst.Stmt
	mark := name.mark(lineMark)
	switch node := node.(type) {
	case *dst.BlockStmt:
		list = &node.List
		if f.Line(at.list.Open) == f.Line(at.list.end) && len(node.List) > 0 {
			for _, s := range node.List {
				s.Decorations().Before, s.Decorations().After = dst.NewLine, dst.NewLine
			}
			mark = lineMark + " " + joinedMark
		}
	case *dst.CaseClause:
		list = &node.Body
	case *dst.CommClause:
		list = &node.Body
	}
	i := 0
	if at.last {
		i = len(*list)
	}
	*list = slices.Insert(*list, i, at.statement(name, mark))
}

// statement returns a safepoint as a tree.
func (p *Point) statement(name Name, mark string) dst.Stmt {
	file, err := decorator.Parse("package p\n\nfunc _() {\n" + p.text(name, mark, "\n", "\n") + "\n}\n")
	if err != nil {
		panic(err) // for rewriteTree
	}
	return file.Decls[0].(*dst.FuncDecl).Body.List[0]
}

// insertBefore puts the safepoint that is for the statement at c before it.
func insertBefore(c *dstutil.Cursor, before map[dst.Node]dst.Stmt) {
	if c.Index() < 0 {
		return // in no list
	}
	for l, ok := c.Node().(*dst.LabeledStmt); ok; l, ok = l.Stmt.(*dst.LabeledStmt) {
		if check := before[l.Stmt]; check != nil {
			// The label must lead to the safepoint, not past it.
			l.Stmt.Decorations().Before = dst.NewLine
			c.InsertAfter(l.Stmt)
			l.Stmt = check
			return
		}
	}
	if check := before[c.Node()]; check != nil {
		// What stood above the statement stays above.
		to, from := check.Decorations(), c.Node().Decorations()
		to.Start, from.Start = from.Start, nil
		to.Before, from.Before = from.Before, dst.NewLine
		c.InsertBefore(check)
	}
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
	tree.Decls = slices.Insert(tree.Decls, at, dst.Decl(decl))
	tree.Imports = append(tree.Imports, spec)
}
