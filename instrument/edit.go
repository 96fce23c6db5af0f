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

// pos returns the place where the safepoint's statement begins.
func (a anchor) pos() token.Pos {
	if a.jump != nil {
		return a.jump.Pos()
	}
	return a.body.Lbrace + 1
}

// sameLine returns the edits that put the sites' safepoints into a file without
// moving any line.
func (u *unit) sameLine(file *ast.File, sites []*Site, q qualifier) []edit {
	var edits []edit
	for _, s := range sites {
		text := " " + s.call(q) + ";"
		if s.anchor.jump != nil {
			text = s.call(q) + "; "
		}
		edits = append(edits, edit{u.offset(s.anchor.pos()), text})
	}
	if q.own {
		edits = append(edits, edit{u.offset(file.Name.End()), "; import " + importText(q)})
	}
	return edits
}

func importText(q qualifier) string { return q.name + ` "` + RuntimePath + `"` }

func (u *unit) offset(pos token.Pos) int { return u.fset.PositionFor(pos, false).Offset }

// ownLines returns the edits that put the sites' safepoints on lines of their
// own, indented as gofmt does, so that a formatted file stays formatted.
func (u *unit) ownLines(file *ast.File, src []byte, sites []*Site, q qualifier) []edit {
	var edits []edit
	for _, s := range sites {
		edits = append(edits, u.statementEdit(file, src, s, q))
	}
	if q.own {
		edits = append(edits, u.importEdit(file, src, q))
	}
	return edits
}

func (u *unit) statementEdit(file *ast.File, src []byte, s *Site, q qualifier) edit {
	body := s.anchor.body
	if s.anchor.jump != nil {
		at := u.offset(s.anchor.pos())
		if strings.TrimSpace(string(src[lineStart(src, at):at])) != "" {
			return edit{at, s.call(q) + "; "} // behind a label or a brace
		}
		indent := indentAt(src, at)
		return edit{at, s.lines(q, indent) + "\n" + indent}
	}
	at := u.offset(body.Lbrace) + 1
	end := body.Rbrace
	if len(body.List) > 0 {
		end = body.List[0].Pos()
	}
	if u.line(end) == u.line(body.Lbrace) {
		return edit{at, " " + s.call(q) + ";"}
	}
	// A comment behind the brace stays there.
	for _, g := range file.Comments {
		for _, c := range g.List {
			if c.Pos() > body.Lbrace && c.Pos() < end && u.line(c.Pos()) == u.line(body.Lbrace) && u.line(c.End()) == u.line(c.Pos()) {
				at = u.offset(c.End())
			}
		}
	}
	indent := indentAt(src, u.offset(body.Lbrace)) + "\t"
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
		if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			after, sep = g.End(), "\n"
		}
	}
	at := lineEnd(src, u.offset(after))
	return edit{at, sep + line}
}

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
