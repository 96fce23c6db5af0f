package instrument

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/token"

	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// RuntimePath is the import path of the package that declares Safepoint.
const RuntimePath = "github.com/gvthread/gvthread/runtime"

// modulePath is the module that holds RuntimePath.
const modulePath = "github.com/gvthread/gvthread"

// A Kind says what makes control come round again.
type Kind uint8

// The kinds of back-edge.
const (
	For       Kind = iota // a for statement
	Range                 // a range statement, over anything
	Goto                  // a goto that leads back to itself
	Recursion             // a function on a cycle of calls
)

var kindNames = [...]string{For: "for", Range: "range", Goto: "goto", Recursion: "recursion"}

func (k Kind) String() string { return kindNames[k] }

// A Decision is what is to be done about a back-edge.
type Decision uint8

// The decisions.
const (
	Missing Decision = iota // no safepoint, and there must be one
	Covered                 // every way round passes a safepoint
	Exempt                  // no safepoint, for a reason
)

var decisionNames = [...]string{Missing: "missing", Covered: "covered", Exempt: "exempt"}

func (d Decision) String() string { return decisionNames[d] }

// A Form is the shape of the safepoint that a Missing site gets.
type Form uint8

// The forms.
const (
	// None is the form of a site that needs nothing.
	None Form = iota
	// Check is a plain call: gv.Safepoint().
	Check
	// Stride is a call every 1024th round, counted by the loop's own variable:
	// if i&1023 == 0 { gv.Safepoint() }.
	Stride
	// Branch is a plain call on the rare ways through the loop: first in the
	// branches that call or loop, where the others are tight.
	Branch
)

var formNames = [...]string{None: "", Check: "check", Stride: "stride", Branch: "branch"}

func (f Form) String() string { return formNames[f] }

// A Site is a back-edge and what was decided about it.
type Site struct {
	Kind     Kind
	Pos      token.Pos // the for keyword, the goto, or the name of the function
	Func     string    // the function that holds it
	Decision Decision
	Form     Form
	Rule     string // the name of the rule that decided
	Class    string // a word that stands for Reason in tables
	Reason   string

	anchor anchor
	file   *ast.File
}

// An anchor is where a safepoint goes: into each of the branches and before a statement, or
// first into body if there are none of these.
type anchor struct {
	body     *ast.BlockStmt
	branches []*flow.Branch
	before   ast.Stmt
	counter  string // the variable that a Stride counts with
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
	Package  string `json:"package"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Func     string `json:"func"`
	Kind     string `json:"kind"`
	Decision string `json:"decision"`
	Form     string `json:"form,omitempty"`
	Rule     string `json:"rule"`
	Class    string `json:"class,omitempty"`
	Reason   string `json:"reason"`
}

// Row returns the site in the form that is printed.
func (s *Site) Row(pkg string, fset *token.FileSet) Row {
	p := fset.Position(s.Pos)
	return Row{
		Package: pkg, File: p.Filename, Line: p.Line, Column: p.Column, Func: s.Func,
		Kind: s.Kind.String(), Decision: s.Decision.String(), Form: s.Form.String(),
		Rule: s.Rule, Class: s.Class, Reason: s.Reason,
	}
}

func (r Row) String() string {
	return fmt.Sprintf("%s:%d:%d: %s %s: %s", r.File, r.Line, r.Column, r.Kind, r.Decision, r.Reason)
}

// MarshalLine returns the row as one line of JSON.
func (r Row) MarshalLine() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings and ints only
	}
	return append(b, '\n')
}
