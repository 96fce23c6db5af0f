package insert

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"sort"
	"strings"

	"github.com/gvthread/gvthread/instrument/internal/load"
)

// SameLine returns what puts safepoints at the points without moving any line, and so
// without a comment that ends one.
func (f *File) SameLine(points []*Point, name Name) []Insert {
	var out []Insert
	for _, p := range points {
		if p.Before != nil {
			out = append(out, Insert{f.Offset(p.Before.Pos()), p.inline(name) + "; "})
		}
		for _, l := range p.lists() {
			if l.last {
				out = append(out, Insert{f.Offset(l.end), p.inline(name) + "; "})
			} else {
				out = append(out, Insert{f.Offset(l.Open) + 1, " " + p.inline(name) + ";"})
			}
		}
	}
	if name.own {
		out = append(out, Insert{f.Offset(f.syntax.Name.End()), inlineImport(name)})
	}
	return inOrder(out)
}

func inlineImport(name Name) string { return InlineImport + importText(name) + " " + inlineMark }

func importText(name Name) string { return name.text + ` "` + load.RuntimePath + `"` }

// OwnLines returns what puts safepoints at the points, on lines of their own, indented
// as gofmt does, so that a formatted file stays formatted.
func (f *File) OwnLines(points []*Point, name Name) []Insert {
	var out []Insert
	for _, p := range points {
		if p.Before != nil {
			out = append(out, f.before(p, name))
		}
		for _, l := range p.lists() {
			if l.last {
				out = append(out, f.last(p, l, name))
			} else {
				out = append(out, f.first(p, l, name))
			}
		}
	}
	if name.own {
		out = append(out, f.importLine(name))
	}
	for i := range out {
		out[i] = out[i].endingAs(f.src)
	}
	return inOrder(out)
}

// endingAs ends the lines of i as the line ends where i goes.
func (i Insert) endingAs(src []byte) Insert {
	if !strings.Contains(i.Text, "\n") || !bytes.HasSuffix(wholeLine(src, i.Offset), []byte("\r\n")) {
		return i
	}
	if bytes.HasPrefix(src[i.Offset:], []byte("\n")) {
		i.Offset-- // the end of the line stays in one piece
	}
	i.Text = strings.ReplaceAll(i.Text, "\n", "\r\n")
	return i
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

func (f *File) before(p *Point, name Name) Insert {
	at := f.Offset(p.Before.Pos())
	if strings.TrimSpace(string(f.src[lineStart(f.src, at):at])) != "" {
		return Insert{at, p.inline(name) + "; "} // behind a label or a brace
	}
	indent := indentAt(f.src, at)
	return Insert{at, p.lines(name, indent) + "\n" + indent}
}

func (f *File) last(p *Point, l List, name Name) Insert {
	at := f.Offset(l.end)
	line := lineStart(f.src, at)
	if len(bytes.TrimSpace(f.src[line:at])) > 0 {
		return Insert{at, p.inline(name) + "; "} // behind the end of a comment
	}
	indent := indentAt(f.src, at) + "\t"
	return Insert{line, indent + p.lines(name, indent) + "\n"}
}

func (f *File) first(p *Point, l List, name Name) Insert {
	at := f.Offset(l.Open) + 1
	// A comment behind the brace or colon stays there.
	behind := at
	for _, g := range f.commentsFrom(l.Open) {
		if g.Pos() >= l.next() {
			break
		}
		for _, c := range g.List {
			if c.Pos() > l.Open && c.Pos() < l.next() && f.Line(c.Pos()) == f.Line(l.Open) && f.Line(c.End()) == f.Line(c.Pos()) {
				behind = f.Offset(c.End())
			}
		}
	}
	end := lineEnd(f.src, behind)
	if len(bytes.TrimSpace(f.src[behind:end])) > 0 {
		return Insert{at, " " + p.inline(name) + ";"} // a statement, or a comment of several lines
	}
	at = end // with the blanks, so that the line keeps its end when ours goes
	indent := indentAt(f.src, f.Offset(l.Open)) + "\t"
	return Insert{at, "\n" + indent + p.lines(name, indent)}
}

// inline is call with the mark, if the import is not ours.
func (p *Point) inline(name Name) string {
	if name.own {
		return p.call(name)
	}
	return strings.Replace(p.call(name), "()", "() "+inlineMark, 1)
}

// call returns the text of a safepoint, on one line.
func (p *Point) call(name Name) string {
	if p.Counter != "" {
		return fmt.Sprintf("if %s&%d == 0 { %s.Safepoint() }", p.Counter, strideMask, name.text)
	}
	return name.text + ".Safepoint()"
}

// lines returns the text of a safepoint on as many lines as gofmt gives it, with the
// mark if the import is not ours.
func (p *Point) lines(name Name, indent string) string {
	mark := ""
	if !name.own {
		mark = " " + lineMark
	}
	text := p.call(name)
	if head, ok := strings.CutSuffix(text, " }"); ok {
		head = strings.Replace(head, "{ ", "{\n"+indent+"\t", 1)
		return head + mark + "\n" + indent + "}"
	}
	return text + mark
}

// importLine adds an import declaration of its own, below the others.
func (f *File) importLine(name Name) Insert {
	src, line := f.src, "import "+importText(name)+" "+lineMark
	after, sep := f.syntax.Name.End(), "\n\n"
	for _, decl := range f.syntax.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			break // imports come first
		}
		after, sep = g.End(), "\n"
	}
	at := f.Offset(after)
	for _, g := range f.commentsFrom(after) {
		if f.Line(g.Pos()) > f.Line(after) {
			break
		}
		if g.Pos() >= after && f.Line(g.End()) > f.Line(after) && src[f.Offset(g.Pos())+1] == '*' {
			return Insert{at, inlineImport(name)} // the comment goes on below
		}
	}
	end := lineEnd(src, at)
	if semi := bytes.IndexByte(src[at:end], ';'); semi >= 0 && !isComment(src[at:at+semi]) && len(bytes.TrimSpace(src[at+semi+1:end])) > 0 && !isComment(src[at+semi+1:end]) {
		// More declarations follow on the line.
		return Insert{at + semi + 1, " " + line + "\n"}
	}
	return Insert{end, sep + line}
}

// commentsFrom returns the comments that end behind a position.
func (f *File) commentsFrom(pos token.Pos) []*ast.CommentGroup {
	all := f.syntax.Comments
	return all[sort.Search(len(all), func(i int) bool { return all[i].End() > pos }):]
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
