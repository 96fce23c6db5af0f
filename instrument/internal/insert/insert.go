// Package insert puts safepoints into the text of files, and takes them out again.
//
// What is inserted is marked, so that [Remove] knows it, and gives back every byte. Beside a
// safepoint stands the mark, or, if the file had no import of the runtime package,
// beside the import alone: then all safepoints through that are inserted ones.
package insert

import (
	"bytes"
	"go/ast"
	"go/token"
	"slices"
	"sync"

	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/flow"
)

const (
	// Prefix is how directives begin.
	Prefix = "//gv:"
	// Mark is the directive of what is inserted.
	Mark = "inserted"

	lineMark = Prefix + Mark
	// inlineMark is the mark of what has no line for itself.
	inlineMark = "/*gv:" + Mark + "*/"
)

// InlineImport is how the import begins that shares a line with others. The name follows.
const InlineImport = "; import "

// strideMask is the mask of the counter in a safepoint that not every round passes. It is
// compared with zero, because that is one instruction; with any other value it is
// three.
const strideMask = 1023

// An Insert is text that is put before the byte at an offset.
type Insert struct {
	Offset int
	Text   string
}

// Apply returns src with inserts, which are in order.
func Apply(src []byte, inserts []Insert) []byte {
	var out bytes.Buffer
	at := 0
	for _, i := range inserts {
		out.Write(src[at:i.Offset])
		out.WriteString(i.Text)
		at = i.Offset
	}
	out.Write(src[at:])
	return out.Bytes()
}

func inOrder(inserts []Insert) []Insert {
	slices.SortStableFunc(inserts, func(a, b Insert) int { return a.Offset - b.Offset })
	return inserts
}

// A Point is where a safepoint goes: into each of the branches and before a statement, or
// first or last into the body if there are none of these.
type Point struct {
	Body     *ast.BlockStmt
	Last     bool // into the body, whose end is on a line behind that of its last statement
	Branches []*flow.Branch
	Before   ast.Stmt
	Counter  string // if not "", the safepoint is for every 1024th round that this variable counts
}

// A place is where one safepoint of a point goes.
type place struct {
	*Point
	pos  token.Pos
	list List // that begins or ends with it; none if it goes before a statement
	last bool // in the list
}

// places returns where the safepoints of points go.
func places(points []*Point) []place {
	var out []place
	for _, p := range points {
		if p.Before != nil {
			out = append(out, place{Point: p, pos: p.Before.Pos()})
		}
		for _, b := range p.Branches {
			l := ListIn(b.Node)
			out = append(out, place{Point: p, pos: l.Open + 1, list: l})
		}
		if p.Before == nil && p.Branches == nil {
			l := ListIn(p.Body)
			at := place{Point: p, pos: l.Open + 1, list: l, last: p.Last}
			if p.Last {
				at.pos = l.end
			}
			out = append(out, at)
		}
	}
	return out
}

// first tells whether the safepoint begins a list.
func (at place) first() bool { return at.list.node != nil && !at.last }

// A List is the statements of a block or clause, behind the token that opens them.
type List struct {
	Stmts []ast.Stmt
	Open  token.Pos

	node ast.Node
	end  token.Pos
}

// ListIn returns the statements of a block or clause.
func ListIn(node ast.Node) List {
	switch n := node.(type) {
	case *ast.BlockStmt:
		return List{Stmts: n.List, Open: n.Lbrace, node: n, end: n.Rbrace}
	case *ast.CaseClause:
		return List{Stmts: n.Body, Open: n.Colon, node: n, end: n.End()}
	case *ast.CommClause:
		return List{Stmts: n.Body, Open: n.Colon, node: n, end: n.End()}
	}
	return List{}
}

// next returns where the first statement begins, or the list ends.
func (l List) next() token.Pos {
	if len(l.Stmts) > 0 {
		return l.Stmts[0].Pos()
	}
	return l.end
}

// A File is a file that gets safepoints.
type File struct {
	*code.Package
	syntax *ast.File
	src    []byte
	taken  func(name string) bool
	used   func() map[string]bool // the names in it, from when they are first asked for
}

// NewFile returns a file of a package, with its text. taken tells further names that the
// package declares.
func NewFile(p *code.Package, syntax *ast.File, src []byte, taken func(name string) bool) *File {
	return &File{p, syntax, src, taken, sync.OnceValue(func() map[string]bool { return namesIn(syntax) })}
}
