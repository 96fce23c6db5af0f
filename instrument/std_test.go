package instrument

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gvthread/gvthread/instrument/internal/load"
)

// outside are the packages that the runtime package imports and calls only where its
// caller is not pinned and holds none of its locks.
var outside = strings.Fields("encoding/json log/slog reflect runtime/metrics runtime/pprof")

// partly are imports of what runs while the caller is pinned that are not used there:
// container/heap needs an interface of sort, and system calls are made without either.
var partly = map[string]string{
	"container/heap": "sort", "golang.org/x/sys/unix": "sort encoding/binary",
}

// No package that -std instruments is run by the runtime package while its caller is
// pinned or holds a lock: a safepoint there would give away the worker in the middle of
// a change.
func TestStdIsSafe(t *testing.T) {
	pinned := strings.Fields(stdPinned)
	own := ownPackages(t)
	var imports []string
	for pkg := range own {
		for _, imp := range goList(t, "-f", `{{join .Imports "\n"}}`, pkg) {
			if !strings.HasPrefix(imp, load.ModulePath) {
				imports = append(imports, imp)
			}
		}
	}
	for _, imp := range imports {
		if slices.Contains(pinned, imp) == slices.Contains(outside, imp) {
			t.Errorf("the runtime package imports %s: put it into stdPinned, or here into outside, not into both", imp)
		}
	}
	safe := goList(t, strings.Fields(stdSafe)...)
	for _, p := range pinned {
		for _, dep := range goList(t, "-deps", p) {
			if slices.Contains(safe, dep) && !slices.Contains(strings.Fields(partly[p]), dep) {
				t.Errorf("%s, which runs while the caller is pinned, imports %s, which is instrumented", p, dep)
			}
		}
	}
	dir := strings.TrimSpace(strings.Join(goList(t, "-f", "{{.Dir}}", "container/heap"), ""))
	everywhere := func(*ast.FuncDecl) bool { return true }
	for _, use := range uses(t, filepath.Join(dir, "heap.go"), []string{"sort"}, everywhere) {
		t.Errorf("container/heap uses sort for more than its interface: %s", use)
	}
	for _, dir := range own {
		for _, file := range sources(t, dir) {
			for _, use := range uses(t, file, outside, holds) {
				t.Errorf("%s, in a function that pins its caller or holds a lock", use)
			}
			for _, use := range uses(t, file, []string{"golang.org/x/sys/unix"}, everywhere) {
				if !rawCall.MatchString(use) {
					t.Errorf("%s is more than a system call: see that it uses nothing instrumented, and add it to rawCall", use)
				}
			}
		}
	}
}

// The names by which instrumented packages of the standard library reach the runtime
// package are there. The linker takes one that is not for a variable that is zero.
func TestStdLinkIsThere(t *testing.T) {
	own := ownPackages(t)
	for name, typ := range map[string]string{stdLink.Pending: "atomic.Int32", stdLink.Slow: ""} {
		at := strings.LastIndex(name, ".")
		if dir := own[name[:at]]; dir == "" || !declaresVar(t, dir, name[at+1:], typ) {
			t.Errorf("there is no variable %s %s: where it has gone, stdLink has to follow", name, typ)
		}
	}
}

// declaresVar tells whether a package declares a variable, of a type as the text has it.
func declaresVar(t *testing.T, dir, name, typ string) bool {
	t.Helper()
	for _, file := range sources(t, dir) {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, s := range g.Specs {
				v := s.(*ast.ValueSpec)
				if slices.ContainsFunc(v.Names, func(id *ast.Ident) bool { return id.Name == name }) {
					return typ == "" || v.Type != nil && types.ExprString(v.Type) == typ
				}
			}
		}
	}
	return false
}

// ownPackages returns the runtime package and what it imports of this module, with
// their directories.
func ownPackages(t *testing.T) map[string]string {
	t.Helper()
	own := map[string]string{}
	for _, p := range goList(t, "-deps", "-f", "{{.ImportPath}}={{.Dir}}", RuntimePath) {
		if path, dir, _ := strings.Cut(p, "="); strings.HasPrefix(path, load.ModulePath+"/") {
			own[path] = dir
		}
	}
	return own
}

// sources returns the files of a package, without tests.
func sources(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

// rawCall matches what the runtime package uses of x/sys: constants and plain calls.
var rawCall = regexp.MustCompile(`unix\.([A-Z0-9_]+|CPUSet|Getpid|Getrlimit|Gettid|Madvise|MmapPtr|Mprotect|MunmapPtr|NsecToTimespec|Prctl|Pread|RawSyscall6?|Rlimit|Syscall6?|SchedAttr|SchedGetaffinity|SizeofSchedAttr|Tgkill|Timespec)$`)

// holds tells whether a function may hold a lock or be pinned.
func holds(f *ast.FuncDecl) bool {
	if strings.HasSuffix(f.Name.Name, "Locked") {
		return true
	}
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
				found = found || slices.Contains([]string{"lock", "Lock", "Pin"}, sel.Sel.Name)
			}
		}
		return !found
	})
	return found
}

// uses returns the places in a file's functions that use packages.
func uses(t *testing.T, file string, packages []string, in func(*ast.FuncDecl) bool) []string {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !slices.Contains(packages, p) {
			continue
		}
		name := path.Base(p)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = true
	}
	var out []string
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil || !in(fn) {
			continue
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := sel.X.(*ast.Ident); ok && names[id.Name] {
					out = append(out, fset.Position(n.Pos()).String()+": "+id.Name+"."+sel.Sel.Name)
				}
			}
			return true
		})
	}
	return out
}

// goList returns the lines that go list prints.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %s: %v", strings.Join(args, " "), err)
	}
	return strings.Fields(string(out))
}
