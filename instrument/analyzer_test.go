package instrument_test

import (
	"flag"
	"go/format"
	"os"
	"sort"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/gvthread/gvthread/instrument"
)

var update = flag.Bool("update", false, "write the golden files anew; then read the difference")

func TestAnalyzer(t *testing.T) {
	for _, pkg := range []string{
		"bounds", "directive", "dotimport", "embedbuild", "exempt", "facts", "facts/dep", "generated", "gotos", "loops", "names", "owncalls", "pins",
		"ranges", "ranges/dep", "recursion", "tests", instrument.RuntimePath,
	} {
		t.Run(pkg, func(t *testing.T) {
			if *update {
				writeGolden(t, analysistest.Run(t, analysistest.TestData(), instrument.Analyzer, pkg))
			}
			analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), instrument.Analyzer, pkg)
		})
	}
}

// writeGolden applies all fixes.
func writeGolden(t *testing.T, results []*analysistest.Result) {
	for _, r := range results {
		edits := map[string]map[int]string{}
		for _, d := range r.Diagnostics {
			for _, f := range d.SuggestedFixes {
				for _, e := range f.TextEdits {
					p := r.Action.Package.Fset.Position(e.Pos)
					if edits[p.Filename] == nil {
						edits[p.Filename] = map[int]string{}
					}
					edits[p.Filename][p.Offset] = string(e.NewText)
				}
			}
		}
		for name, byOffset := range edits {
			if err := os.WriteFile(name+".golden", applyAll(t, name, byOffset), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func applyAll(t *testing.T, name string, byOffset map[int]string) []byte {
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var offsets []int
	for o := range byOffset {
		offsets = append(offsets, o)
	}
	sort.Sort(sort.Reverse(sort.IntSlice(offsets)))
	text := string(src)
	for _, o := range offsets {
		text = text[:o] + byOffset[o] + text[o:]
	}
	out, err := format.Source([]byte(text))
	if err != nil {
		t.Fatalf("%s with its fixes: %v\n%s", name, err, text)
	}
	return out
}

// The positions in cgo's output are not those of a file that can be mended, so
// there are diagnostics and no fixes.
func TestAnalyzerCgo(t *testing.T) {
	for _, r := range analysistest.Run(t, analysistest.TestData(), instrument.Analyzer, "cgo") {
		for _, d := range r.Diagnostics {
			if len(d.SuggestedFixes) != 0 {
				t.Errorf("%s has a fix", d.Message)
			}
		}
	}
}
