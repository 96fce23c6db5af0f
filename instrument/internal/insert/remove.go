package insert

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// Remove takes the safepoints that gvinstrument inserted out of a file, and
// leaves those that somebody wrote. A file that was formatted stays so, and is
// what it was before, byte for byte.
func Remove(src []byte) ([]byte, error) {
	if !bytes.Contains(src, []byte(lineMark)) && !bytes.Contains(src, []byte(inlineMark)) {
		return src, nil
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	r := &remover{src: src, fset: fset, file: file, marks: map[int]string{}, gone: map[*ast.CallExpr]bool{}}
	r.findMarks()
	ast.Inspect(file, r.visit)
	r.removeImport()
	out := r.result()
	if formatted, err := format.Source(src); err == nil && bytes.Equal(formatted, src) {
		return format.Source(out)
	}
	_, err = parser.ParseFile(token.NewFileSet(), "", out, parser.SkipObjectResolution)
	return out, err
}

// A cut is a stretch of text that is to be replaced.
type cut struct {
	from, to int
	text     string
}

type remover struct {
	src   []byte
	fset  *token.FileSet
	file  *ast.File
	own   *ast.ImportSpec        // the import that gvinstrument added
	marks map[int]string         // by line: what follows the inserted mark
	names map[string]bool        // by which the file imports the runtime package
	uses  int                    // of own
	gone  map[*ast.CallExpr]bool // removed uses of own
	cuts  []cut
}

func (r *remover) line(p token.Pos) int   { return r.fset.PositionFor(p, false).Line }
func (r *remover) offset(p token.Pos) int { return r.fset.PositionFor(p, false).Offset }

func (r *remover) findMarks() {
	body := r.file.FileEnd // where the imports end
	for _, d := range slices.Backward(r.file.Decls) {
		if g, ok := d.(*ast.GenDecl); !ok || g.Tok != token.IMPORT {
			body = d.Pos()
		}
	}
	var loose *ast.Comment
	for _, g := range r.file.Comments {
		for _, c := range g.List {
			if rest, ok := strings.CutPrefix(c.Text, lineMark); ok {
				r.marks[r.line(c.Pos())] = strings.TrimSpace(rest)
				if c.Pos() < body {
					loose = c
				}
			}
		}
	}
	r.names = map[string]bool{}
	var last *ast.ImportSpec
	for _, spec := range r.file.Imports {
		name, ok := runtimeImport(spec)
		if !ok {
			continue
		}
		r.names[name], last = true, spec
		_, marked := r.marks[r.line(spec.Pos())]
		if _, inline := r.inlineMark(spec.End()); marked || inline {
			r.own = spec
		}
	}
	if r.own == nil && loose != nil && last != nil {
		// goimports has moved the import into a group, and left the mark behind.
		r.own = last
		r.cutLines(r.offset(loose.Pos()), r.offset(loose.End()))
	}
}

// cutLines removes a stretch of text, with its lines if it has them for itself.
func (r *remover) cutLines(from, to int) {
	begin, end := lineStart(r.src, from), lineEnd(r.src, to)
	if len(bytes.TrimSpace(r.src[begin:from]))+len(bytes.TrimSpace(r.src[to:end])) == 0 {
		from, to = begin, min(end+1, len(r.src))
	}
	r.cuts = append(r.cuts, cut{from, to, ""})
}

func (r *remover) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BlockStmt:
		r.list(n.List, n)
	case *ast.CaseClause:
		r.list(n.Body, nil)
	case *ast.CommClause:
		r.list(n.Body, nil)
	case *ast.LabeledStmt:
		r.list([]ast.Stmt{n.Stmt}, nil)
	case *ast.SelectorExpr:
		if id, ok := n.X.(*ast.Ident); ok && r.isOwn(id) {
			r.uses++
		}
	}
	return true
}

func (r *remover) list(stmts []ast.Stmt, body *ast.BlockStmt) {
	for i, s := range stmts {
		call := safepointOf(s)
		if call == nil || !r.inserted(call) {
			continue
		}
		if r.marks[r.line(call.Pos())] == joinedMark && body != nil && i == 0 {
			r.join(body)
			continue
		}
		r.drop(s)
	}
}

// strideCondition matches the condition of a safepoint that not every round passes.
var strideCondition = regexp.MustCompile(fmt.Sprintf(`^[\pL_][\pL_\pN]* & %d == 0$`, strideMask))

// safepointOf returns the call of Safepoint in a statement of one of the forms
// that are inserted.
func safepointOf(s ast.Stmt) *ast.CallExpr {
	if cond, ok := s.(*ast.IfStmt); ok && cond.Init == nil && cond.Else == nil && len(cond.Body.List) == 1 && strideCondition.MatchString(types.ExprString(cond.Cond)) {
		s = cond.Body.List[0]
	}
	if expr, ok := s.(*ast.ExprStmt); ok && strings.HasSuffix(types.ExprString(expr.X), ".Safepoint()") {
		return expr.X.(*ast.CallExpr)
	}
	return nil
}

// inserted tells whether a call of Safepoint is gvinstrument's.
func (r *remover) inserted(call *ast.CallExpr) bool {
	id, ok := call.Fun.(*ast.SelectorExpr).X.(*ast.Ident)
	if !ok || !r.names[id.Name] {
		return false
	}
	if r.isOwn(id) {
		r.gone[call] = true
		return true
	}
	_, marked := r.marks[r.line(call.Pos())]
	_, inline := r.inlineMark(call.End())
	return marked || inline
}

// isOwn tells whether a name is that of the import that was added.
func (r *remover) isOwn(id *ast.Ident) bool {
	return r.own != nil && r.own.Name != nil && id.Name == r.own.Name.Name
}

// inlineMark tells whether an inline mark follows at pos, perhaps behind a semicolon,
// where gofmt moves it, and where it ends.
func (r *remover) inlineMark(pos token.Pos) (end int, ok bool) {
	rest := bytes.TrimLeft(r.src[r.offset(pos):], " \t")
	rest = bytes.TrimLeft(bytes.TrimPrefix(rest, []byte(";")), " \t")
	rest, ok = bytes.CutPrefix(rest, []byte(inlineMark))
	return len(r.src) - len(rest), ok
}

// drop removes a statement, with its lines if it has them for itself.
func (r *remover) drop(s ast.Stmt) {
	from, to := r.offset(s.Pos()), r.offset(s.End())
	begin, end := lineStart(r.src, from), lineEnd(r.src, to)
	before := strings.TrimSpace(string(r.src[begin:from]))
	after := strings.TrimSpace(string(r.src[to:end]))
	if before == "" && (after == "" || after == inlineMark || strings.HasPrefix(after, lineMark)) {
		r.cuts = append(r.cuts, cut{begin, min(end+1, len(r.src)), ""})
		return
	}
	if at, ok := r.inlineMark(s.End()); ok {
		to = at
	}
	rest := r.src[to:end]
	rest = bytes.TrimPrefix(bytes.TrimLeft(rest, " \t"), []byte(";"))
	if !strings.HasSuffix(before, "{") && !bytes.HasSuffix(r.src[:from], []byte(": ")) {
		rest = bytes.TrimLeft(rest, " \t")
	}
	if bytes.HasSuffix(r.src[:from], []byte("{ ")) || bytes.HasSuffix(r.src[:from], []byte(": ")) {
		from-- // the blank that stood before the safepoint
	}
	r.cuts = append(r.cuts, cut{from, end - len(rest), ""})
}

// join puts a body on one line again, without its first statement.
func (r *remover) join(body *ast.BlockStmt) {
	at := r.offset(body.Lbrace) + 1
	sep := " "
	for _, s := range body.List[1:] {
		r.cuts = append(r.cuts, cut{at, r.offset(s.Pos()), sep})
		at, sep = r.offset(s.End()), "; "
	}
	r.cuts = append(r.cuts, cut{at, r.offset(body.Rbrace), " "})
}

// removeImport removes the import that was added, unless something that stays
// needs it.
func (r *remover) removeImport() {
	if r.own == nil {
		return
	}
	end := lineEnd(r.src, r.offset(r.own.End()))
	if r.src[end-1] == '\r' {
		end-- // of the line's end, not of the mark
	}
	at, inline := r.inlineMark(r.own.End())
	if inline {
		end = at
	}
	if r.uses > len(r.gone) {
		r.cuts = append(r.cuts, cut{r.offset(r.own.End()), end, ""})
		return
	}
	decl := r.offset(r.own.Pos())
	for _, d := range r.file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Pos() <= r.own.Pos() && r.own.End() <= g.End() {
			if decl = r.offset(g.Pos()); len(g.Specs) > 1 {
				r.cutLines(r.offset(r.own.Pos()), end)
				return
			}
			end = max(end, r.offset(g.End()))
		}
	}
	if inline {
		r.cuts = append(r.cuts, cut{decl - len("; "), end, ""})
		return
	}
	end = lineEnd(r.src, end)
	from := lineStart(r.src, decl)
	if above := bytes.TrimSuffix(bytes.TrimSuffix(r.src[:from], []byte("\n")), []byte("\r")); bytes.HasSuffix(above, []byte("\n")) {
		from = len(above) // the blank line above
	}
	r.cuts = append(r.cuts, cut{from, min(end+1, len(r.src)), ""})
}

func (r *remover) result() []byte {
	var out bytes.Buffer
	at := 0
	slices.SortStableFunc(r.cuts, func(a, b cut) int { return a.from - b.from })
	for _, c := range r.cuts {
		if c.from < at {
			continue // within a stretch that is gone already
		}
		out.Write(r.src[at:c.from])
		out.WriteString(c.text)
		at = c.to
	}
	out.Write(r.src[at:])
	return out.Bytes()
}
