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
	for _, at := range places(points) {
		out = append(out, f.inline(at, name))
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
	for _, at := range places(points) {
		out = append(out, f.ownLines(at, name))
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

// inline puts a safepoint on a line that is there.
func (f *File) inline(at place, name Name) Insert {
	text := at.text(name, name.mark(inlineMark), " ", " ")
	if at.first() {
		return Insert{f.Offset(at.pos), " " + text + ";"}
	}
	return Insert{f.Offset(at.pos), text + "; "}
}

// ownLines puts a safepoint on lines of its own, unless a label, a statement or a part of a
// comment is in the way.
func (f *File) ownLines(at place, name Name) Insert {
	pos := f.Offset(at.pos)
	indent := indentAt(f.src, pos)
	if at.list.node != nil {
		indent += "\t"
	}
	lines := indent + at.text(name, name.mark(lineMark), "\n\t"+indent, "\n"+indent)
	if at.first() {
		if end, ok := f.lineBehind(at.list.Open+1, at.list.next()); ok {
			return Insert{end, "\n" + lines}
		}
	} else if start := lineStart(f.src, pos); len(bytes.TrimSpace(f.src[start:pos])) == 0 {
		return Insert{start, lines + "\n"}
	}
	return f.inline(at, name)
}

// lineBehind returns where the line ends that holds pos, if nothing follows there before
// next but a comment: that stays there. The blanks before the end stay, too, so that the line
// keeps it when ours goes.
func (f *File) lineBehind(pos, next token.Pos) (end int, ok bool) {
	behind := f.Offset(pos)
	for _, g := range f.commentsFrom(pos) {
		if g.Pos() >= next {
			break
		}
		for _, c := range g.List {
			if c.Pos() >= pos && c.Pos() < next && f.Line(c.Pos()) == f.Line(pos) && f.Line(c.End()) == f.Line(c.Pos()) {
				behind = f.Offset(c.End())
			}
		}
	}
	end = lineEnd(f.src, behind)
	return end, len(bytes.TrimSpace(f.src[behind:end])) == 0
}

// text returns a safepoint with a mark behind its call. If not every round is to pass it,
// open and end stand around that.
func (p *Point) text(name Name, mark, open, end string) string {
	call := strings.TrimSuffix(name.text+".Safepoint() "+mark, " ")
	if p.Counter == "" {
		return call
	}
	return fmt.Sprintf("if %s&%d == 0 {%s%s%s}", p.Counter, strideMask, open, call, end)
}

// mark returns the mark that a safepoint needs: none if the import is ours.
func (n Name) mark(text string) string {
	if n.own {
		return ""
	}
	return text
}

// importLine adds an import declaration of its own below the others. Where something follows
// them on their line, it goes there too.
func (f *File) importLine(name Name) Insert {
	after, next, sep := f.syntax.Name.End(), f.syntax.FileEnd, "\n\n"
	for _, decl := range f.syntax.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			next = decl.Pos() // imports come first
			break
		}
		after, sep = g.End(), "\n"
	}
	if end, ok := f.lineBehind(after, next); ok {
		return Insert{end, sep + "import " + importText(name) + " " + lineMark}
	}
	return Insert{f.Offset(after), inlineImport(name)}
}

// commentsFrom returns the comments that end behind a position.
func (f *File) commentsFrom(pos token.Pos) []*ast.CommentGroup {
	all := f.syntax.Comments
	return all[sort.Search(len(all), func(i int) bool { return all[i].End() > pos }):]
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
