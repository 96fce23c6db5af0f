package instrument

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A cached is a module whose packages are looked at with and without what earlier runs
// have found out.
type cached struct {
	*testing.T
	dir, cache string
}

func newCached(t *testing.T, files map[string]string) *cached {
	t.Helper()
	stub, err := filepath.Abs("../testdata/modules/stub")
	if err != nil {
		t.Fatal(err)
	}
	m := &cached{t, t.TempDir(), t.TempDir()}
	m.write("go.mod", "module m\n\ngo 1.23\n\nrequire github.com/gvthread/gvthread v0.0.0\n\nreplace github.com/gvthread/gvthread => "+stub+"\n")
	for name, text := range files {
		m.write(name, text)
	}
	return m
}

func (m *cached) write(name, text string) {
	m.Helper()
	name = filepath.Join(m.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		m.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		m.Fatal(err)
	}
}

// instrument returns what the files become, by name.
func (m *cached) instrument(cache string) (map[string]string, error) {
	res, err := Instrument(Options{Dir: m.dir, Patterns: []string{"./..."}, Policy: DefaultPolicy, SameLine: true, Deps: true, Cache: cache})
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, f := range res.Files {
		out[f.Name] = string(f.New)
	}
	return out, nil
}

// agree compares a run that remembers with one that doesn't, and returns what they
// come to.
func (m *cached) agree(after string) map[string]string {
	m.Helper()
	got, err := m.instrument(m.cache)
	want, err2 := m.instrument("")
	if err := errors.Join(err, err2); err != nil {
		m.Fatal(err)
	}
	if !maps.Equal(got, want) {
		m.Errorf("after %s the files are\n%s\nwant\n%s", after, got, want)
	}
	return want
}

// With what earlier runs have found out, a run comes to the same result as without,
// whatever has changed meanwhile.
func TestCacheAgrees(t *testing.T) {
	const step = "package low\n\ntype T struct{}\n\n"
	const die = "package low\n\nimport _ \"unsafe\"\n\n"
	const all = "(yield func(int) bool) {\n\tfor ; l != nil; l = l.Next {\n\t\tif !yield(0) {\n\t\t\treturn\n\t\t}\n\t}\n}\n"
	const list = "package low\n\ntype List struct{ Next *List }\n\n"
	m := newCached(t, map[string]string{
		"low/low.go":  step + "func (T) Step() {}\n",
		"low/die.go":  die + "func Die() { panic(0) }\n",
		"low/list.go": list + "func (l *List) All" + all,
		"mid/mid.go":  "package mid\n\nimport \"m/low\"\n\ntype Box[E any] struct{ e E }\n\nfunc New() low.T { return low.T{} }\n\nfunc (b *Box[E]) Next() E { for { if f := any(b); f != nil { return b.e } } }\n\nfunc Die() { low.Die() }\n\nfunc List() *low.List { return nil }\n",
		// top sees low only through what mid returns.
		"top/top.go": "package top\n\nimport \"m/mid\"\n\nfunc Loop(xs []int) {\n\tfor range xs {\n\t\tmid.New().Step()\n\t}\n\tfor b := new(mid.Box[int]); b.Next() != 0; {\n\t}\n}\n\nfunc Dies(f func() bool) {\n\tfor f() {\n\t\tmid.Die()\n\t}\n}\n\nfunc Sum() (sum int) {\n\tfor v := range mid.List().All {\n\t\tsum += v\n\t}\n\treturn sum\n}\n",
	})
	last := ""
	for _, step := range []struct {
		file, text string
		top        bool // it makes a difference to top
	}{
		{top: true},
		{},
		{"low/low.go", step + "func (T) Step() { F() }\n\nvar F func()\n", true},
		{"low/low.go", "package low\n\nimport gv \"github.com/gvthread/gvthread/runtime\"\n\ntype T struct{}\n\nfunc (T) Step() { gv.Safepoint() }\n", true},
		{"low/low.go", step + "func (T) Step() {}\n", false},
		{"low/other_windows.go", "package low\n\nvar gv int\n", false},
		{"low/low.go", step + "func (T) Step() { for { g() } }\n\nfunc g() {}\n", false},
		{"top/more.go", "package top\n\nfunc More(f func() bool) { for f() {} }\n", false},
		{"low/die.go", die + "func Die() {}\n", true},
		{"low/die.go", die + "import \"os\"\n\nfunc Die() { os.Exit(1) }\n", true},
		{"low/list.go", list + "//gv:nosafepoint for the test\nfunc (l *List) All" + all, true},
		{"low/list.go", list + "func (l *List) All" + all, true},
	} {
		if step.file != "" {
			m.write(step.file, step.text)
		}
		top := m.agree(step.file)[filepath.Join(m.dir, "top/top.go")]
		if (top != last) != step.top {
			t.Errorf("after %s, which makes a difference to top: %v, top is\n%s", step.file, step.top, top)
		}
		last = top
	}
}

// Other rules of the same program come to other results.
func TestCacheKnowsRules(t *testing.T) {
	m := newCached(t, map[string]string{"m.go": "package m\n\nfunc Sum(xs []int) (sum int) {\n\tfor _, x := range xs {\n\t\tsum += x\n\t}\n\treturn sum\n}\n"})
	if files := m.agree("the first run"); len(files) > 0 {
		t.Fatalf("there is a loop over data alone, and the files are\n%s", files)
	}
	all := Rules
	defer func() { Rules = all }()
	Rules = slices.DeleteFunc(slices.Clone(all), func(r Rule) bool { return r.Name == "data" })
	if files := m.agree("a rule is gone"); len(files) == 0 {
		t.Error("without the rule for data the loop gets no safepoint")
	}
}

// A comment that cannot be obeyed is reported by each run, until it is mended.
func TestCacheForgetsProblems(t *testing.T) {
	m := newCached(t, map[string]string{"m.go": "package m\n\nfunc Wait(f func() bool) {\n\t//gv:nosafepoint\n\tfor f() {\n\t}\n}\n"})
	for range 2 {
		if _, err := m.instrument(m.cache); !errors.Is(err, ErrDirective) {
			t.Errorf("got %v, want %v", err, ErrDirective)
		}
	}
	m.write("m.go", "package m\n\nfunc Wait(f func() bool) {\n\t//gv:nosafepoint for the test\n\tfor f() {\n\t}\n}\n")
	for range 2 {
		m.agree("the comment has a reason")
	}
}

// What a crash of the system has left of a file in the cache is written again.
func TestCacheIsMended(t *testing.T) {
	m := newCached(t, map[string]string{"low/low.go": "package low\n\nfunc F(f func() bool) {\n\tfor f() {\n\t}\n}\n"})
	m.agree("nothing")
	files := []File{{Name: "a.go", New: []byte("package a\n")}}
	copies, err := Copies(files, m.cache)
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(m.cache, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Truncate(name, 3)
	})
	if err != nil {
		t.Fatal(err)
	}
	m.agree("a crash")
	if _, err := Copies(files, m.cache); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(copies["a.go"]); err != nil || string(text) != "package a\n" {
		t.Errorf("the copy is %q, %v", text, err)
	}
}
