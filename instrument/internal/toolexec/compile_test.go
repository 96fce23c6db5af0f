package toolexec

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The names of some hundred copies are longer than an argument may be. The compiler gets them all the same.
func TestLongArguments(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "p.go")
	if err := os.WriteFile(name, []byte("package p\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 5000} {
		out := filepath.Join(dir, "p.a")
		c := &call{
			tool: strings.TrimSpace(output(t, "go", "tool", "-n", "compile")),
			args: []string{"-o", out, "-p", "p", "-trimpath", strings.Repeat(`/back\slash/of/a/copy=>/original;`, n), name},
		}
		if err := c.shorten(dir); err != nil {
			t.Fatal(err)
		}
		if code, err := execute(c.tool, c.args, io.Discard, os.Stderr); code != 0 || err != nil {
			t.Fatalf("with %d names: exit code %d, %v", n, code, err)
		}
		if err := os.Remove(out); err != nil {
			t.Error(err)
		}
	}
}
