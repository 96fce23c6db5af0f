package instrument

import (
	"go/ast"
	"go/token"

	"github.com/gvthread/gvthread/instrument/internal/flow"
	"github.com/gvthread/gvthread/instrument/internal/insert"
	"github.com/gvthread/gvthread/instrument/internal/load"
)

// RuntimePath is the import path of the package that declares Safepoint.
const RuntimePath = load.RuntimePath

// A Kind says what makes control come round again.
type Kind string

// The kinds of back-edge.
const (
	For       Kind = "for"       // a for statement
	Range     Kind = "range"     // a range statement, over anything
	Goto      Kind = "goto"      // a goto that leads back to itself
	Recursion Kind = "recursion" // a function on a cycle of calls
)

// A Decision is what is to be done about a back-edge.
type Decision string

// The decisions.
const (
	Missing Decision = "missing" // no safepoint, and there must be one
	Covered Decision = "covered" // every way round passes a safepoint
	Exempt  Decision = "exempt"  // no safepoint, for a reason
)

// A Form is the shape of the safepoint that a Missing site gets.
type Form string

// The forms.
const (
	// None is the form of a site that needs nothing.
	None Form = ""
	// Check is a plain call: gv.Safepoint(). It is the last statement of a loop's body, or of a
	// branch at the end of that, if all rounds that pass no other come there, and the first of
	// the body if they do not.
	Check Form = "check"
	// Stride is a call every 1024th round, counted by the loop's own variable, last or first
	// in the body: if i&1023 == 0 { gv.Safepoint() }.
	Stride Form = "stride"
	// Branch is a plain call on the rare ways through the loop: first in the
	// branches that call or loop, where the others are tight.
	Branch Form = "branch"
)

// A Finding is what was decided about a back-edge.
type Finding struct {
	Func     string   `json:"func"` // the function that holds it
	Kind     Kind     `json:"kind"`
	Decision Decision `json:"decision"`
	Form     Form     `json:"form,omitempty"`
	Rule     string   `json:"rule"`            // the name of the rule that decided
	Class    string   `json:"class,omitempty"` // a word that stands for Reason in tables
	Reason   string   `json:"reason"`
}

// A Site is a back-edge of a package.
type Site struct {
	Finding
	Pos token.Pos // the for keyword, the goto, or the name of the function

	point insert.Point
	at    []*flow.Block // those of a loop in which every round passes the safepoint
	file  *ast.File
}

// A Report holds all sites of a package, in the order of the text.
type Report struct {
	Sites    []*Site
	Problems []Problem
}

// A Problem is a directive that cannot be obeyed.
type Problem struct {
	Pos     token.Pos
	Message string
}

// A Row is a site as it is written by -json.
type Row struct {
	Package string `json:"package"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Finding
}

// Row returns the site in the form that is printed.
func (s *Site) Row(pkg string, fset *token.FileSet) Row {
	p := fset.Position(s.Pos)
	return Row{Package: pkg, File: p.Filename, Line: p.Line, Column: p.Column, Finding: s.Finding}
}
