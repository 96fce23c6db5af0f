package instrument

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A rename that fails takes those before it back.
func TestUndo(t *testing.T) {
	dir := t.TempDir()
	var files []File
	for _, name := range []string{"a", "b", "c"} {
		f := File{Name: filepath.Join(dir, name), Old: []byte("old"), New: []byte("new")}
		if err := os.WriteFile(f.Name, f.Old, 0o640); err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	w := newWriter(files)
	for _, f := range files {
		if err := w.stage(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(files[2].Name); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(files[2].Name, 0o777); err != nil { // which no file replaces
		t.Fatal(err)
	}
	err := w.replace()
	w.clean()
	if err == nil || !strings.Contains(err.Error(), "replacing "+files[2].Name) {
		t.Errorf("the error is %v", err)
	}
	for _, f := range files[:2] {
		if text, err := os.ReadFile(f.Name); err != nil || string(text) != "old" {
			t.Errorf("%s says %q (%v), want old", f.Name, text, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 3 {
		t.Errorf("%v (%v) are in the directory, want the 3 files", entries, err)
	}
}
