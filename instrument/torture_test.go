package instrument

import (
	"bytes"
	"flag"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"time"
)

var torture = flag.Bool("torture", false, "rewrite the whole standard library and the go command, in memory")

// TestStandardLibrary rewrites the packages of the Go distribution: all of them
// with -torture, else a few. Instrument itself parses and type-checks what comes out.
func TestStandardLibrary(t *testing.T) {
	patterns := []string{"bytes", "encoding/json", "go/printer", "sort", "strings", "text/template/..."}
	if *torture {
		patterns = []string{"std", "cmd"}
	}
	for _, policy := range []string{"default", "full"} {
		t.Run(policy, func(t *testing.T) {
			o := Options{Patterns: patterns, Policy: Policy{Name: policy, Recursion: true, Generated: true}, standard: true}
			o.Progress = func(done, total int) {
				if done%100 == 0 {
					t.Logf("%s: %d of %d packages", time.Now().Format(time.TimeOnly), done, total)
				}
			}
			begin := time.Now()
			res, err := Instrument(o)
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Files) == 0 {
				t.Fatal("no file got a safepoint")
			}
			t.Logf("%d back-edges, %d files changed, %.1fs", len(res.Rows), len(res.Files), time.Since(begin).Seconds())
			for _, f := range res.Files {
				compareComments(t, f)
				compareRemoval(t, f)
			}
		})
	}
}

// compareComments checks that every comment is there, in the old order.
func compareComments(t *testing.T, f File) {
	before, after := comments(t, f.Name, f.Old), comments(t, f.Name, f.New)
	for i := range before {
		if i >= len(after) || before[i] != after[i] {
			t.Errorf("%s: comment %d is lost or out of place: %s", f.Name, i, before[i])
			return
		}
	}
	if len(after) > len(before) {
		t.Errorf("%s: %d comments more than before", f.Name, len(after)-len(before))
	}
}

func comments(t *testing.T, name string, src []byte) (out []string) {
	file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Comments {
		for _, c := range g.List {
			if !strings.HasPrefix(c.Text, "//gv:inserted") && c.Text != "/*gv:inserted*/" {
				out = append(out, c.Text)
			}
		}
	}
	return out
}

// compareRemoval checks that the file can be had back.
func compareRemoval(t *testing.T, f File) {
	back, err := Remove(f.New)
	if err != nil {
		t.Errorf("%s: %v", f.Name, err)
		return
	}
	if !bytes.Equal(back, f.Old) {
		formatted, _ := format.Source(f.Old)
		t.Errorf("%s (formatted: %v): removal does not give the original back", f.Name, bytes.Equal(formatted, f.Old))
	}
}
