package toolexec

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gvthread/gvthread/instrument/internal/insert"
)

const mark = " /*ours*/"

// What the cover tool of this Go release writes is understood: the inserts are where they
// belong, and everything else is as it was.
func TestMergeWithCover(t *testing.T) {
	root := strings.TrimSpace(output(t, "go", "env", "GOROOT"))
	for _, pkg := range []string{"go/printer", "encoding/json", "text/template/parse", "container/list"} {
		files, err := filepath.Glob(filepath.Join(root, "src", pkg, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
		for _, mode := range []string{"set", "count", "atomic"} {
			for i, out := range covering(t, filepath.Base(pkg), mode, files) {
				mergeFile(t, files[i], out)
			}
		}
	}
	unformatted := filepath.Join(t.TempDir(), "x.go")
	text := "package main;func main(){for{if x(){goto a}else if y(){}else{for{z()}};a:switch{case x():goto a;default:for{}}}};func x()bool{return true};func y()bool{return \"goCover_ab_1[3] = 1;\"==\"\"};func z(){L:for{for{continue L}}}\n"
	if err := os.WriteFile(unformatted, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"set", "count", "atomic"} {
		mergeFile(t, unformatted, covering(t, "main", mode, []string{unformatted})[0])
	}
}

func mergeFile(t *testing.T, file, out string) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	if want := "//line " + file + ":1:1"; string(first) != want {
		t.Fatalf("the first line is %q, want %q", first, want)
	}
	inserts := loops(t, src)
	got, err := merge(src, rest, inserts)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if without := bytes.ReplaceAll(got, []byte(mark), nil); !bytes.Equal(without, rest) {
		t.Errorf("%s: the text is not that of the cover tool and ours", file)
	}
	if n := bytes.Count(got, []byte(mark)); n != len(inserts) {
		t.Errorf("%s: %d of %d inserts", file, n, len(inserts))
	}
	// Each mark still stands first in its loop, but for what counts.
	at := loops(t, got)
	if len(at) != len(inserts) {
		t.Fatalf("%s: %d loops became %d", file, len(inserts), len(at))
	}
	for _, i := range at {
		behind := got[i.Offset:]
		if k := bytes.Index(behind, []byte(mark)); k < 0 || bytes.ContainsAny(bytes.ReplaceAll(behind[:k], []byte("{"), nil), "}\n") {
			t.Errorf("%s: no insert in the loop at %d: %.60q", file, i.Offset, behind)
		}
	}
}

// loops returns an insert for each body of a loop, and one behind the package's name.
func loops(t *testing.T, src []byte) []insert.Insert {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	offset := func(pos token.Pos) int { return fset.PositionFor(pos, false).Offset }
	out := []insert.Insert{{Offset: offset(f.Name.End()), Text: mark}}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt:
			out = append(out, insert.Insert{Offset: offset(n.Body.Lbrace) + 1, Text: mark})
		case *ast.RangeStmt:
			out = append(out, insert.Insert{Offset: offset(n.Body.Lbrace) + 1, Text: mark})
		}
		return true
	})
	return out
}

// covering runs the cover tool as the go command does, and returns its files.
func covering(t *testing.T, name, mode string, files []string) []string {
	t.Helper()
	dir := t.TempDir()
	outs := []string{filepath.Join(dir, "covervars.go")}
	for _, f := range files {
		outs = append(outs, filepath.Join(dir, filepath.Base(f)+".cover.go"))
	}
	cfg, err := json.Marshal(map[string]any{
		"PkgPath": "p/" + name, "PkgName": name, "Granularity": "perblock", "OutConfig": filepath.Join(dir, "out"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{"cfg": string(cfg), "list": strings.Join(outs, "\n") + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	output(t, "go", append([]string{"tool", "cover", "-pkgcfg", filepath.Join(dir, "cfg"), "-mode", mode,
		"-var", "goCover_93b8ed736e31_", "-outfilelist", filepath.Join(dir, "list")}, files...)...)
	return outs[1:]
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// A text that the cover tool can't have written is refused.
func TestMergeRefuses(t *testing.T) {
	src := "package p\n\nfunc f() { g() }\n"
	for _, text := range []string{"package p\n\nfunc f() { h() }\n", "package p\n\nfunc f() { g()", "package p\n\nfunc f() { if true { g() }\n"} {
		if out, err := merge([]byte(src), []byte(text), nil); err == nil {
			t.Errorf("%q is taken for what became of %q: %q", text, src, out)
		}
	}
}
