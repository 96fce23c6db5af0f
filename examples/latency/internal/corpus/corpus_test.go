package corpus

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// tree writes the files, by name, into a new directory and returns it.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func open(t *testing.T, dir string) *Corpus {
	t.Helper()
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOpenTakesSourcesOnly(t *testing.T) {
	c := open(t, tree(t, map[string]string{
		"a.go":            "package a",
		"a_test.go":       "package a",
		"b/b.go":          "package b",
		"b/cmd/c.go":      "package c",
		"b/testdata/x.go": "not Go",
		"cmd/main.go":     "package main",
		"README":          "no",
	}))
	var names []string
	for i := range c.Len() {
		names = append(names, c.File(i).Name)
	}
	slices.Sort(names)
	if want := []string{"a.go", "b/b.go", "b/cmd/c.go"}; !slices.Equal(names, want) {
		t.Errorf("files %v, want %v", names, want)
	}
	if c.File(0) != c.File(c.Len()) {
		t.Error("after the last file does not come the first")
	}
}

func TestOpenNothing(t *testing.T) {
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no Go source files") {
		t.Errorf("an empty directory: error %v", err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: error %v", err)
	}
}

func TestProcess(t *testing.T) {
	c := open(t, tree(t, map[string]string{
		"a.go": "package a\n\nvar x, y int\n\nfunc f() {}\n",
		"b.go": "package b\n\n" + strings.Repeat("// text\n", 10_000),
		"c.go": "package c",
	}))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 3 * (unzipEvery + 1) {
				if err := c.File(i).Process(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestProcessNoticesWhatIsWrong(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		change     func(*File)
		want       string
	}{
		{"changed on disk", "package a", func(f *File) {
			if err := os.WriteFile(f.path, []byte("package b"), 0o666); err != nil {
				panic(err)
			}
		}, ErrChanged.Error()},
		{"not Go", "no package", func(*File) {}, "expected 'package'"},
		{"another outcome", "package a", func(f *File) { f.first.Store(outcome{1, 1}.bits()) }, "does not agree"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := open(t, tree(t, map[string]string{"a.go": tt.text})).File(0)
			tt.change(f)
			if err := f.Process(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestVerify(t *testing.T) {
	z := zippers.New().(*zipper)
	data := []byte(strings.Repeat("as it was ", 100))
	for _, tt := range []struct {
		name    string
		spoil   func()
		against []byte
		ok      bool
	}{
		{"good", func() {}, data, true},
		{"other data", func() {}, data[1:], false},
		{"cut short", func() { z.out.Truncate(z.out.Len() - 9) }, data, false},
		{"no gzip", func() { z.out.Bytes()[0]++ }, data, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := z.zip(data); err != nil {
				t.Fatal(err)
			}
			tt.spoil()
			if err := z.verify(tt.against); (err == nil) != tt.ok {
				t.Errorf("error %v, want ok: %v", err, tt.ok)
			}
		})
	}
}
