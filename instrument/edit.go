package instrument

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"sort"
	"strings"
)

// An edit is text to be put into a file, before the byte at an offset.
type edit struct {
	offset int
	text   string
}

// apply returns src with the edits made.
func apply(src []byte, edits []edit) []byte {
	sort.SliceStable(edits, func(i, j int) bool { return edits[i].offset < edits[j].offset })
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		out.Write(src[at:e.offset])
		out.WriteString(e.text)
		at = e.offset
	}
	out.Write(src[at:])
	return out.Bytes()
}

// A place is where one statement of a site goes: between the token that opens a
// list of statements and what comes behind it.
type place struct {
	node       ast.Node
	open, next token.Pos
	list       []ast.Stmt
}

// places returns where the statements of a site go, but for one before another.
func (a anchor) places() []place {
	if a.before == nil && a.branches == nil {
		return []place{placeIn(a.body)}
	}
	var out []place
	for _, b := range a.branches {
		out = append(out, placeIn(b.Node))
	}
	return out
}

// positions returns where the statements of a site begin.
func (a anchor) positions() []token.Pos {
	var out []token.Pos
	if a.before != nil {
		out = append(out, a.before.Pos())
	}
	for _, p := range a.places() {
		out = append(out, p.open+1)
	}
	return out
}

func placeIn(node ast.Node) place {
	p := place{node: node}
	switch n := node.(type) {
	case *ast.BlockStmt:
		p.open, p.next, p.list = n.Lbrace, n.Rbrace, n.List
	case *ast.CaseClause:
		p.open, p.next, p.list = n.Colon, n.End(), n.Body
	case *ast.CommClause:
		p.open, p.next, p.list = n.Colon, n.End(), n.Body
	}
	if len(p.list) > 0 {
		p.next = p.list[0].Pos()
	}
	return p
}

// sameLine returns the edits that put the sites' safepoints into a file without
// moving any line, and so without a comment that ends one.
func (u *unit) sameLine(file *ast.File, sites []*Site, q qualifier) []edit {
	var edits []edit
	for _, s := range sites {
		if s.anchor.before != nil {
			edits = append(edits, edit{u.Offset(s.anchor.before.Pos()), s.inline(q) + "; "})
		}
		for _, p := range s.anchor.places() {
			edits = append(edits, edit{u.Offset(p.open) + 1, " " + s.inline(q) + ";"})
		}
	}
	if q.own {
		edits = append(edits, edit{u.Offset(file.Name.End()), inlineImport(q)})
	}
	return edits
}

func inlineImport(q qualifier) string { return "; import " + importText(q) + " " + inlineMark }

func importText(q qualifier) string { return q.name + ` "` + RuntimePath + `"` }

// ownLines returns the edits that put the sites' safepoints on lines of their
// own, indented as gofmt does, so that a formatted file stays formatted.
func (u *unit) ownLines(file *ast.File, src []byte, sites []*Site, q qualifier) []edit {
	var edits []edit
	for _, s := range sites {
		if s.anchor.before != nil {
			edits = append(edits, u.beforeEdit(src, s, q))
		}
		for _, p := range s.anchor.places() {
			edits = append(edits, u.statementEdit(file, src, s, p, q))
		}
	}
	if q.own {
		edits = append(edits, u.importEdit(file, src, q))
	}
	for i := range edits {
		edits[i] = edits[i].endingAs(src)
	}
	return edits
}

// endingAs ends the lines of e as the line ends where e goes.
func (e edit) endingAs(src []byte) edit {
	if !strings.Contains(e.text, "\n") || !bytes.HasSuffix(wholeLine(src, e.offset), []byte("\r\n")) {
		return e
	}
	if bytes.HasPrefix(src[e.offset:], []byte("\n")) {
		e.offset-- // the end of the line stays in one piece
	}
	e.text = strings.ReplaceAll(e.text, "\n", "\r\n")
	return e
}

// wholeLine returns the line that holds at, with its end. If that is the end of the text,
// without an end of its own, it is the line before.
func wholeLine(src []byte, at int) []byte {
	end := lineEnd(src, at)
	if end < len(src) {
		return src[lineStart(src, at) : end+1]
	}
	return src[:lineStart(src, at)]
}

func (u *unit) beforeEdit(src []byte, s *Site, q qualifier) edit {
	at := u.Offset(s.anchor.before.Pos())
	if strings.TrimSpace(string(src[lineStart(src, at):at])) != "" {
		return edit{at, s.inline(q) + "; "} // behind a label or a brace
	}
	indent := indentAt(src, at)
	return edit{at, s.lines(q, indent) + "\n" + indent}
}

func (u *unit) statementEdit(file *ast.File, src []byte, s *Site, p place, q qualifier) edit {
	at := u.Offset(p.open) + 1
	// A comment behind the brace or colon stays there.
	behind := at
	for _, g := range commentsFrom(file, p.open) {
		if g.Pos() >= p.next {
			break
		}
		for _, c := range g.List {
			if c.Pos() > p.open && c.Pos() < p.next && u.Line(c.Pos()) == u.Line(p.open) && u.Line(c.End()) == u.Line(c.Pos()) {
				behind = u.Offset(c.End())
			}
		}
	}
	end := lineEnd(src, behind)
	if len(bytes.TrimSpace(src[behind:end])) > 0 {
		return edit{at, " " + s.inline(q) + ";"} // a statement, or a comment of several lines
	}
	at = end // with the blanks, so that the line keeps its end when ours goes
	indent := indentAt(src, u.Offset(p.open)) + "\t"
	return edit{at, "\n" + indent + s.lines(q, indent)}
}

// lines returns the text of a site's safepoint on as many lines as gofmt gives
// it, with the mark if the import is not ours.
func (s *Site) lines(q qualifier, indent string) string {
	mark := ""
	if !q.own {
		mark = " " + directivePrefix + insertedMark
	}
	text := s.call(q)
	if head, ok := strings.CutSuffix(text, " }"); ok {
		head = strings.Replace(head, "{ ", "{\n"+indent+"\t", 1)
		return head + mark + "\n" + indent + "}"
	}
	return text + mark
}

// importEdit adds an import declaration of its own, below the others.
func (u *unit) importEdit(file *ast.File, src []byte, q qualifier) edit {
	line := "import " + importText(q) + " " + directivePrefix + insertedMark
	after, sep := file.Name.End(), "\n\n"
	for _, decl := range file.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			break // imports come first
		}
		after, sep = g.End(), "\n"
	}
	at := u.Offset(after)
	for _, g := range commentsFrom(file, after) {
		if u.Line(g.Pos()) > u.Line(after) {
			break
		}
		if g.Pos() >= after && u.Line(g.End()) > u.Line(after) && src[u.Offset(g.Pos())+1] == '*' {
			return edit{at, inlineImport(q)} // the comment goes on below
		}
	}
	end := lineEnd(src, at)
	if semi := bytes.IndexByte(src[at:end], ';'); semi >= 0 && !isComment(src[at:at+semi]) && len(bytes.TrimSpace(src[at+semi+1:end])) > 0 && !isComment(src[at+semi+1:end]) {
		// More declarations follow on the line.
		return edit{at + semi + 1, " " + line + "\n"}
	}
	return edit{end, sep + line}
}

// commentsFrom returns the comments of a file that end behind a position.
func commentsFrom(file *ast.File, pos token.Pos) []*ast.CommentGroup {
	i := sort.Search(len(file.Comments), func(i int) bool { return file.Comments[i].End() > pos })
	return file.Comments[i:]
}

// isComment tells whether a text begins with a comment to the end of the line.
func isComment(text []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(text), []byte("//")) }

func lineStart(src []byte, at int) int { return bytes.LastIndexByte(src[:at], '\n') + 1 }

func lineEnd(src []byte, at int) int {
	if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(src)
}

// indentAt returns the white space at the beginning of the line that holds at.
func indentAt(src []byte, at int) string {
	line := src[lineStart(src, at):]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// declares tells whether a file that was not loaded, such as one for another
// system, declares name at package level.
func declares(src []byte, name string) bool {
	if !bytes.Contains(src, []byte(name)) {
		return false
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if file == nil || err != nil && len(file.Decls) == 0 {
		return true // nobody knows
	}
	found := false
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			found = found || d.Recv == nil && d.Name.Name == name
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					found = found || s.Name.Name == name
				case *ast.ValueSpec:
					for _, id := range s.Names {
						found = found || id.Name == name
					}
				}
			}
		}
	}
	return found
}

func sortedCuts(cuts []cut) []cut {
	sort.SliceStable(cuts, func(i, j int) bool { return cuts[i].from < cuts[j].from })
	return cuts
}

// insert makes the new text.
func (f *File) insert(edits []edit) {
	f.New = apply(f.Old, edits) // which sorts them
	for _, e := range edits {
		f.Inserts = append(f.Inserts, Insert{e.offset, e.text})
	}
}

// applyInserts returns src with the inserts made.
func applyInserts(src []byte, inserts []Insert) []byte {
	var edits []edit
	for _, i := range inserts {
		edits = append(edits, edit{i.Offset, i.Text})
	}
	return apply(src, edits)
}
