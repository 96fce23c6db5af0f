package instrument

import (
	"os"
	"path/filepath"
	"testing"
)

// With what earlier runs have found out, a run comes to the same result as without,
// whatever has changed meanwhile.
func TestCacheAgrees(t *testing.T) {
	stub, err := filepath.Abs("../testdata/modules/stub")
	if err != nil {
		t.Fatal(err)
	}
	dir, cache := t.TempDir(), t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module m\n\ngo 1.22\n\nrequire github.com/gvthread/gvthread v0.0.0\n\nreplace github.com/gvthread/gvthread => "+stub+"\n")
	write("low/low.go", "package low\n\ntype T struct{}\n\nfunc (T) Step() {}\n")
	write("mid/mid.go", "package mid\n\nimport \"m/low\"\n\ntype Box[E any] struct{ e E }\n\nfunc New() low.T { return low.T{} }\n\nfunc (b *Box[E]) Next() E { for { if f := any(b); f != nil { return b.e } } }\n")
	// top sees low only through what mid returns.
	write("top/top.go", "package top\n\nimport \"m/mid\"\n\nfunc Loop(xs []int) {\n\tfor range xs {\n\t\tmid.New().Step()\n\t}\n\tfor b := new(mid.Box[int]); b.Next() != 0; {\n\t}\n}\n")
	run := func(cache string) map[string]string {
		t.Helper()
		res, err := Instrument(Options{Dir: dir, Patterns: []string{"./..."}, Policy: DefaultPolicy, SameLine: true, Deps: true, Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, f := range res.Files {
			out[f.Name] = string(f.New)
		}
		return out
	}
	seen := map[string]bool{}
	for _, step := range []struct{ file, text string }{
		{},
		{},
		{"low/low.go", "package low\n\ntype T struct{}\n\nfunc (T) Step() { F() }\n\nvar F func()\n"},
		{"low/low.go", "package low\n\nimport gv \"github.com/gvthread/gvthread/runtime\"\n\ntype T struct{}\n\nfunc (T) Step() { gv.Safepoint() }\n"},
		{"low/low.go", "package low\n\ntype T struct{}\n\nfunc (T) Step() {}\n"},
		{"low/other_windows.go", "package low\n\nvar gv int\n"},
		{"low/low.go", "package low\n\ntype T struct{}\n\nfunc (T) Step() { for { g() } }\n\nfunc g() {}\n"},
		{"top/more.go", "package top\n\nfunc More(f func() bool) { for f() {} }\n"},
	} {
		if step.file != "" {
			write(step.file, step.text)
		}
		got, want := run(cache), run("")
		if len(got) != len(want) {
			t.Errorf("after %s: %d files, want %d", step.file, len(got), len(want))
		}
		for name, text := range want {
			if got[name] != text {
				t.Errorf("after %s, %s is\n%s\nwant\n%s", step.file, name, got[name], text)
			}
		}
		seen[want[filepath.Join(dir, "top/top.go")]] = true
	}
	if len(seen) < 2 {
		t.Error("what changed in low made no difference to top")
	}
}
