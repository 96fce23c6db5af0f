package instrument_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gvthread/gvthread/instrument"
)

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	var files []instrument.File
	for _, name := range []string{"a", "b"} {
		f := instrument.File{Name: filepath.Join(dir, name), Old: []byte("old " + name), New: []byte("new " + name)}
		if err := os.WriteFile(f.Name, f.Old, 0o640); err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	if err := instrument.Write(files); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		expect(t, f.Name, string(f.New))
		if info, err := os.Stat(f.Name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
			t.Errorf("mode of %s: %v, %v", f.Name, info.Mode(), err)
		}
	}
	expectEntries(t, dir, 2)
}

// A file that cannot be written leaves those before it as they were.
func TestWriteFails(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, name string){
		"changed since": func(t *testing.T, name string) { must(t, os.WriteFile(name, []byte("edited"), 0o666)) },
		"read-only":     func(t *testing.T, name string) { must(t, os.Chmod(name, 0o444)) },
		"gone":          func(t *testing.T, name string) { must(t, os.Remove(name)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
			must(t, os.WriteFile(a, []byte("old"), 0o666))
			must(t, os.WriteFile(b, []byte("old"), 0o666))
			spoil(t, b)
			err := instrument.Write([]instrument.File{
				{Name: a, Old: []byte("old"), New: []byte("new")}, {Name: b, Old: []byte("old"), New: []byte("new")},
			})
			if err == nil || !strings.Contains(err.Error(), "nothing has been changed") || !strings.Contains(err.Error(), b) {
				t.Errorf("error %v does not name %s, or does not say that nothing has been changed", err, b)
			}
			expect(t, a, "old")
			entries, _ := os.ReadDir(dir)
			for _, e := range entries {
				if strings.HasPrefix(e.Name(), ".gvinstrument") {
					t.Errorf("%s is left behind", e.Name())
				}
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// stubModule returns the go.mod of a module m that has a stub of the runtime package.
func stubModule(t *testing.T) string {
	t.Helper()
	stub, err := filepath.Abs("../testdata/modules/stub")
	must(t, err)
	return "module m\n\ngo 1.23\n\nrequire github.com/gvthread/gvthread v0.0.0\n\nreplace github.com/gvthread/gvthread => " + stub + "\n"
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	must(t, os.WriteFile(name, []byte(text), 0o666))
}

func expect(t *testing.T, name, want string) {
	t.Helper()
	got, err := os.ReadFile(name)
	if err != nil || string(got) != want {
		t.Errorf("%s is %q (%v), want %q", name, got, err, want)
	}
}

func expectEntries(t *testing.T, dir string, want int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != want {
		t.Errorf("%s has %d entries (%v), want %d", dir, len(entries), err, want)
	}
}
