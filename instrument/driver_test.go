package instrument_test

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/gvthread/gvthread/instrument"
)

// Drivers differ in what they set of a pass. Bazel's nogo (rules_go,
// go/tools/builders/nogo_main.go) sets neither ReadFile nor Module nor IgnoredFiles.
func TestBareDriver(t *testing.T) {
	for _, pkg := range []string{"facts", "loops", "names", "recursion"} {
		t.Run(pkg, func(t *testing.T) {
			for _, r := range analysistest.Run(t, analysistest.TestData(), instrument.Analyzer, pkg) {
				nogo := bare(r.Action.Package.Fset, r)
				nogo.ImportObjectFact, nogo.ExportObjectFact = r.Pass.ImportObjectFact, func(types.Object, analysis.Fact) {}
				want, got := describe(nogo.Fset, r.Diagnostics), diagnose(t, nogo)
				if !slices.Equal(got, want) {
					t.Errorf("a driver like nogo is told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
				// Without facts, nothing is known of other packages' functions.
				more := diagnose(t, bare(nogo.Fset, r))
				for _, d := range want {
					if !slices.Contains(more, d) {
						t.Errorf("a driver without facts is not told %s", d)
					}
				}
				if pkg == "facts" && len(more) == len(want) {
					t.Error("facts make no difference")
				}
			}
		})
	}
}

// bare returns a pass over a package with what no driver leaves out.
func bare(fset *token.FileSet, r *analysistest.Result) *analysis.Pass {
	p := r.Action.Package
	return &analysis.Pass{Analyzer: instrument.Analyzer, Fset: fset, Files: p.Syntax, Pkg: p.Types, TypesInfo: p.TypesInfo}
}

// diagnose runs the analyzer over a pass.
func diagnose(t *testing.T, pass *analysis.Pass) []string {
	t.Helper()
	var diagnostics []analysis.Diagnostic
	pass.Report = func(d analysis.Diagnostic) { diagnostics = append(diagnostics, d) }
	if _, err := instrument.Analyzer.Run(pass); err != nil {
		t.Fatal(err)
	}
	return describe(pass.Fset, diagnostics)
}

// describe returns a line for each diagnostic, with what its fixes insert. Some drivers
// sort that.
func describe(fset *token.FileSet, diagnostics []analysis.Diagnostic) (lines []string) {
	for _, d := range diagnostics {
		var edits []string
		for _, f := range d.SuggestedFixes {
			for _, e := range f.TextEdits {
				edits = append(edits, fmt.Sprintf("%s %q", fset.Position(e.Pos), e.NewText))
			}
		}
		slices.Sort(edits)
		lines = append(lines, fmt.Sprintf("%s: %s %s", fset.Position(d.Pos), d.Message, edits))
	}
	return lines
}

// NewAnalyzer's policy is what its flags begin with, and nobody else's.
func TestNewAnalyzer(t *testing.T) {
	full, err := instrument.NewAnalyzer(instrument.Policy{Name: "full"})
	must(t, err)
	for name, want := range map[string]string{"policy": "full", "recursion": "false", "generated": "false"} {
		if got := full.Flags.Lookup(name).Value.String(); got != want {
			t.Errorf("-%s is %s, want %s", name, got, want)
		}
	}
	missing := func(a *analysis.Analyzer) (n int) {
		for _, r := range analysistest.Run(silent{t}, analysistest.TestData(), a, "loops") {
			n += len(r.Diagnostics)
		}
		return n
	}
	if all, some := missing(full), missing(instrument.Analyzer); some == 0 || all <= some {
		t.Errorf("the full policy misses safepoints in %d loops, and the default in %d", all, some)
	}
	if _, err := instrument.NewAnalyzer(instrument.Policy{Name: "lax"}); err == nil || !strings.Contains(err.Error(), `unknown policy "lax"`) {
		t.Errorf("an unknown policy is refused with %v", err)
	}
}
