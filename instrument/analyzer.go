package instrument

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/gvthread/gvthread/instrument/internal/insert"
	"github.com/gvthread/gvthread/instrument/internal/load"
)

// Analyzer reports the back-edges that have no safepoint, and suggests one. Its flags
// choose the policy, which is DefaultPolicy without them.
//
// Its result is a *Report with all back-edges.
var Analyzer = newAnalyzer(DefaultPolicy)

// NewAnalyzer returns an analyzer like Analyzer that begins with another policy, for
// drivers that have settings and no flags. It returns an error if the policy's name is
// unknown. Analyzers share nothing.
func NewAnalyzer(policy Policy) (*analysis.Analyzer, error) {
	if err := policy.Validate(); err != nil {
		return nil, err
	}
	return newAnalyzer(policy), nil
}

const analyzerDoc = `report loops that have no safepoint

A gvthread gives up its virtual CPU at safepoints. Code that runs for long
without one keeps a thread that became ready waiting, until the scheduler stops
it by a signal, which costs a hundred times as much.

The analyzer finds every way for control to come round again: for and range
statements, goto cycles, and cycles of calls. The first rule of the policy that
holds decides about each:

`

func newAnalyzer(policy Policy) *analysis.Analyzer {
	a := &analysis.Analyzer{
		Name:       "gvsafepoint",
		Doc:        analyzerDoc + RulesText(),
		URL:        "https://pkg.go.dev/" + load.ModulePath + "/instrument",
		FactTypes:  []analysis.Fact{(*FuncFact)(nil)},
		ResultType: reflect.TypeFor[*Report](),
		Run:        func(pass *analysis.Pass) (any, error) { return runPass(pass, policy) },
	}
	a.Flags.StringVar(&policy.Name, "policy", policy.Name, "which loops need a safepoint: "+strings.Join(PolicyNames, ", "))
	a.Flags.BoolVar(&policy.Recursion, "recursion", policy.Recursion, "also look for cycles of calls")
	a.Flags.BoolVar(&policy.Generated, "generated", policy.Generated, "also look into generated files")
	return a
}

func runPass(pass *analysis.Pass, policy Policy) (any, error) {
	if err := policy.Validate(); err != nil {
		return nil, err
	}
	module := ""
	if pass.Module != nil {
		module = pass.Module.Path
	}
	if load.ExcludedIn(pass.Pkg.Path(), module) {
		return &Report{}, nil
	}
	u := newUnit(pass.Fset, pass.Files, pass.Pkg, pass.TypesInfo, policy, func(fn *types.Func) *FuncFact {
		var fact FuncFact
		if fn.Pkg() != pass.Pkg && pass.ImportObjectFact != nil && pass.ImportObjectFact(fn, &fact) {
			return &fact
		}
		return nil
	})
	u.settle()
	if pass.ExportObjectFact != nil {
		for obj, fact := range u.facts() {
			pass.ExportObjectFact(obj, fact)
		}
	}
	report := u.analyze(nil)
	for _, p := range report.Problems {
		pass.Reportf(p.Pos, "%s", p.Message)
	}
	for _, file := range pass.Files {
		u.diagnose(pass, file, report.in(file))
	}
	return report, nil
}

// in returns the sites of a file that lack a safepoint.
func (r *Report) in(file *ast.File) []*Site {
	var out []*Site
	for _, s := range r.Sites {
		if s.file == file && s.Decision == Missing {
			out = append(out, s)
		}
	}
	return out
}

func (u *unit) diagnose(pass *analysis.Pass, file *ast.File, sites []*Site) {
	if len(sites) == 0 {
		return
	}
	src, err := fixable(pass, file)
	f := insert.NewFile(u.Package, file, src, insert.DeclaredIn(pass.IgnoredFiles))
	for _, s := range sites {
		d := analysis.Diagnostic{Pos: s.Pos, Message: s.message()}
		if err == nil {
			// Each fix must stand alone, so each looks for its own name.
			point := []*insert.Point{&s.point}
			d.SuggestedFixes = []analysis.SuggestedFix{{
				Message:   "Insert a safepoint",
				TextEdits: textEdits(u.Fset.File(file.FileStart), f.OwnLines(point, f.Name(point))),
			}}
		}
		pass.Report(d)
	}
}

// fixable returns the text of a file, or an error if its positions are not those
// of a file that somebody wrote.
func fixable(pass *analysis.Pass, file *ast.File) ([]byte, error) {
	tf := pass.Fset.File(file.FileStart)
	if p := pass.Fset.Position(file.Package); p.Filename != tf.Name() || fromCgo(file) {
		return nil, fmt.Errorf("%s is made from %s", tf.Name(), p.Filename)
	}
	read := pass.ReadFile
	if read == nil {
		read = os.ReadFile // nogo and other drivers set none
	}
	src, err := read(tf.Name())
	if err == nil && len(src) != tf.Size() {
		err = fmt.Errorf("%s has changed", tf.Name())
	}
	return src, err
}

func textEdits(file *token.File, inserts []insert.Insert) (out []analysis.TextEdit) {
	for _, i := range inserts {
		pos := file.Pos(i.Offset)
		out = append(out, analysis.TextEdit{Pos: pos, End: pos, NewText: []byte(i.Text)})
	}
	return out
}

func (s *Site) message() string {
	what := map[Kind]string{
		For: "this for loop", Range: "this range loop", Goto: "this goto makes a loop that",
		Recursion: s.Func + " is recursive and",
	}[s.Kind]
	return fmt.Sprintf("%s has no safepoint: other threads wait for as long as it runs (%s)", what, s.Reason)
}
