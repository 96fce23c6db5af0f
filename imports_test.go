// Package gvthread_test holds what is true of the tree as a whole.
package gvthread_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gvthread/gvthread"

// Imports go one way: examples to runtime to arch, and cmd/gvinstrument to
// instrument, which knows runtime by name only. What a program links is arch,
// runtime, and nothing else but the standard library and golang.org/x/sys.
func TestImportsGoOneWay(t *testing.T) {
	for _, test := range []struct {
		pattern string
		allowed []string // modules, or folders of this one
	}{
		{"./arch", []string{module + "/arch", "golang.org/x/sys"}},
		{"./runtime/...", []string{module + "/arch", module + "/runtime", "golang.org/x/sys"}},
		{"./internal/steps", []string{module + "/internal/steps", "golang.org/x/sys"}},
		{"./internal/hotpath", []string{module + "/internal", module + "/runtime", module + "/arch", "golang.org/x/sys"}},
		{"./examples/...", []string{module + "/examples", module + "/internal", module + "/runtime", module + "/arch", "golang.org/x/sys"}},
		{"./instrument/...", []string{module + "/instrument", "golang.org/x", "github.com/dave/dst"}},
		{"./cmd/...", []string{module + "/cmd", module + "/instrument", "golang.org/x", "github.com/dave/dst"}},
	} {
		for _, path := range goList(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", test.pattern) {
			if !slices.ContainsFunc(test.allowed, func(a string) bool { return path == a || strings.HasPrefix(path, a+"/") }) {
				t.Errorf("%s depends on %s; it may depend on the standard library and %v", test.pattern, path, test.allowed)
			}
		}
	}
}

// arch is the only home of unsafe code.
func TestUnsafeIsInArchOnly(t *testing.T) {
	for _, pkg := range goList(t, "-f", "{{.ImportPath}} {{.Imports}}", "./...") {
		path, imports, _ := strings.Cut(pkg, " ")
		if slices.Contains(strings.Fields(strings.Trim(imports, "[]")), "unsafe") && path != module+"/arch" {
			t.Errorf("%s imports unsafe", path)
		}
	}
}

// goList returns the lines that go list prints.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %s: %v", strings.Join(args, " "), err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	return lines
}
