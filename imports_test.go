// Package gvthread_test holds what is true of the tree as a whole.
package gvthread_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gvthread/gvthread"

// Imports go one way: examples to runtime to its scheduler to arch, and cmd/gvinstrument to
// instrument, which knows runtime by name only. What a program links is arch,
// runtime, and nothing else but the standard library and golang.org/x/sys.
func TestImportsGoOneWay(t *testing.T) {
	for _, test := range []struct {
		pattern string
		allowed []string // modules, or folders of this one
	}{
		{"./arch", []string{module + "/arch", "golang.org/x/sys"}},
		{"./runtime/internal/event", []string{module + "/runtime/internal/event"}},
		{"./runtime/internal/sched", []string{module + "/runtime/internal", module + "/arch", "golang.org/x/sys"}},
		{"./runtime/...", []string{module + "/arch", module + "/runtime", "golang.org/x/sys"}},
		{"./internal/steps", []string{module + "/internal/steps", "golang.org/x/sys"}},
		{"./internal/hotpath", []string{module + "/internal", module + "/runtime", module + "/arch", "golang.org/x/sys"}},
		{"./examples/...", []string{module + "/examples", module + "/internal", module + "/runtime", module + "/arch", "golang.org/x/sys"}},
		{"./instrument/...", []string{module + "/instrument", "golang.org/x", "github.com/dave/dst"}},
		{"./cmd/...", []string{module + "/cmd", module + "/instrument", "golang.org/x", "github.com/dave/dst", "github.com/rogpeppe/go-internal/diff"}},
	} {
		for _, path := range goList(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", test.pattern) {
			if !slices.ContainsFunc(test.allowed, func(a string) bool { return path == a || strings.HasPrefix(path, a+"/") }) {
				t.Errorf("%s depends on %s; it may depend on the standard library and %v", test.pattern, path, test.allowed)
			}
		}
	}
}

// Each package of the library is a room: it sees what it needs, and nothing else of the
// module. What is to be seen from elsewhere goes through the room between.
func TestRooms(t *testing.T) {
	const arch, gv = module + "/arch", module + "/runtime"
	const sched, event = gv + "/internal/sched", gv + "/internal/event"
	rooms := map[string][]string{
		arch:                         {},
		event:                        {},
		sched:                        {arch, event},
		gv + "/internal/model":       {},
		gv + "/internal/schedule":    {},
		gv:                           {arch, event, sched, gv + "/internal/schedule"},
		gv + "/gvhttp":               {gv},
		gv + "/internal/enginetest":  {gv},
		gv + "/gvdebug":              {gv, gv + "/gvtrace"},
		gv + "/gvtest":               {gv, gv + "/internal/schedule"},
		gv + "/gvtrace":              {gv, event},
		module + "/instrument":       {},
		module + "/cmd/gvinstrument": {module + "/instrument"},
	}
	seen := map[string]bool{}
	for _, pkg := range packages(t) {
		allowed, isRoom := rooms[pkg.path]
		seen[pkg.path] = true
		for _, i := range pkg.imports {
			inside := strings.HasPrefix(i, pkg.path+"/internal/")
			switch {
			case isRoom && strings.HasPrefix(i, module+"/") && !inside && !slices.Contains(allowed, i):
				t.Errorf("%s imports %s; of the module it may import %v", pkg.path, i, allowed)
			case !isRoom && (i == arch || i == sched):
				t.Errorf("%s imports %s, which is for %s alone", pkg.path, i, gv)
			case !isRoom && i == event:
				t.Errorf("%s imports %s, which is for %s and gvtrace alone", pkg.path, i, gv)
			}
		}
	}
	for path := range rooms {
		if !seen[path] {
			t.Errorf("there is no package %s", path)
		}
	}
}

// The scheduler knows no context, no error and no text: what a task is for is the
// business of package gv. Most of that may block, too, and its locks are spin locks.
func TestSchedulerKnowsNoMeaning(t *testing.T) {
	foreign := []string{"context", "encoding", "errors", "fmt", "io", "log", "net", "os", "reflect", "runtime/debug", "runtime/pprof", "testing"}
	for _, pkg := range packages(t, "./runtime/internal/sched") {
		for _, i := range pkg.imports {
			if slices.ContainsFunc(foreign, func(f string) bool { return i == f || strings.HasPrefix(i, f+"/") }) {
				t.Errorf("%s imports %s", pkg.path, i)
			}
		}
	}
}

// arch is the only home of unsafe code, in what is built for users.
func TestUnsafeIsInArchOnly(t *testing.T) {
	for _, pkg := range packages(t, "./...") {
		if slices.Contains(pkg.imports, "unsafe") && pkg.path != module+"/arch" {
			t.Errorf("%s imports unsafe", pkg.path)
		}
	}
}

// An importer is a package with its imports; what its tests import is not among them.
type importer struct {
	path    string
	imports []string
}

// packages returns the packages of the patterns: all of the module, and its commands
// below testdata, if there are none.
func packages(t *testing.T, patterns ...string) (pkgs []importer) {
	t.Helper()
	if len(patterns) == 0 {
		commands, err := filepath.Glob("testdata/*/main.go")
		if err != nil {
			t.Fatal(err)
		}
		patterns = append(patterns, "./...")
		for _, c := range commands {
			patterns = append(patterns, "./"+filepath.ToSlash(filepath.Dir(c)))
		}
	}
	for _, line := range goList(t, append([]string{"-f", `{{.ImportPath}} {{join .Imports " "}}`}, patterns...)...) {
		fields := strings.Fields(line)
		pkgs = append(pkgs, importer{fields[0], fields[1:]})
	}
	return pkgs
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
