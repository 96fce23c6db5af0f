package instrument

import (
	"errors"
	"fmt"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A source is a package whose text is read, and checked for types from its text.
type source struct {
	*packages.Package
	target bool     // it is to be instrumented
	only   string   // if set, only files with this suffix are to be changed
	plain  *source  // of a package with its tests: the same without
	within bool     // it is the plain one of another source, which speaks for it
	deps   []string // the ids of the sources it imports
	done   chan struct{}

	key    string  // names the memory of it
	memory *memory // what an earlier run has found out
	needed bool    // its types are needed, whether there is a memory or not

	entries map[string]bool // the functions that get a safepoint at their entry, once it is done
}

// A tree is what a run works on: the packages to be instrumented, and those whose
// facts they need.
type tree struct {
	fset     *token.FileSet
	sources  map[string]*source // by id
	order    []string           // ids, dependencies first
	export   map[string]string  // the export data of the standard library, by path
	excluded map[string]bool    // what the runtime package imports
	runtime  *source            // nil if the module under work doesn't have it
	module   string             // the module under work
	missing  string             // why the runtime package can't be imported, if it can't
}

// list asks the go command for the packages, and picks the targets.
func list(o Options) (*tree, error) {
	cfg := &packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedModule | packages.NeedForTest,
		Dir:  o.Dir, BuildFlags: o.BuildFlags, Tests: o.Tests, Env: o.Env,
	}
	roots, err := loadWithRuntime(cfg, o)
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", strings.Join(o.Patterns, " "), err)
	}
	t := &tree{fset: token.NewFileSet(), sources: map[string]*source{}, export: map[string]string{}, excluded: map[string]bool{}}
	var wanted []*packages.Package
	for _, p := range roots {
		if p.PkgPath == RuntimePath && p.ID == RuntimePath {
			if t.missing = unresolved(p); len(p.Errors) > 0 {
				continue // not to be had; that matters only if something is to be inserted
			}
			packages.Visit([]*packages.Package{p}, nil, func(p *packages.Package) { t.excluded[p.PkgPath] = true })
		}
		wanted = append(wanted, p)
	}
	if err := listErrors(wanted, o.Patterns); err != nil {
		return nil, err
	}
	std := map[string]bool{}
	packages.Visit(wanted, nil, func(p *packages.Package) {
		if isStandard(p) && !o.standard {
			std[p.PkgPath] = true
			return
		}
		if t.sources[p.ID] != nil {
			return // listed twice
		}
		s := &source{Package: p, done: make(chan struct{})}
		for _, d := range p.Imports {
			s.deps = append(s.deps, d.ID)
		}
		t.sources[p.ID] = s
		t.order = append(t.order, p.ID)
		if p.ID == RuntimePath {
			t.runtime = s
		}
	})
	t.pick(wanted, o)
	return t, t.findExports(std, o)
}

// loadWithRuntime lists the packages that are asked for, and the runtime package.
func loadWithRuntime(cfg *packages.Config, o Options) ([]*packages.Package, error) {
	if o.standard {
		return packages.Load(cfg, o.Patterns...)
	}
	if !o.Tests && !slices.ContainsFunc(o.Patterns, isFile) {
		return packages.Load(cfg, append([]string{RuntimePath}, o.Patterns...)...)
	}
	// The go command takes files by themselves only, and the tests of the runtime
	// package are nobody's business but its own.
	alone := *cfg
	alone.Tests = false
	rt, err := packages.Load(&alone, RuntimePath)
	if err != nil {
		return nil, err
	}
	roots, err := packages.Load(cfg, o.Patterns...)
	return append(rt, roots...), err
}

func isFile(pattern string) bool { return strings.HasSuffix(pattern, ".go") }

// listErrors returns the go command's complaints about packages, if any.
func listErrors(roots []*packages.Package, patterns []string) error {
	var msgs []string
	n := 0
	for _, p := range roots {
		if p.ID != RuntimePath {
			n++
		}
		for _, e := range p.Errors {
			msgs = append(msgs, errorText(e))
		}
	}
	if len(msgs) > 0 {
		sort.Strings(msgs)
		return errors.New(strings.Join(slices.Compact(msgs), "\n"))
	}
	if n == 0 && !slices.Contains(patterns, RuntimePath) {
		return fmt.Errorf("%s matched no packages; name packages as go build takes them, such as ./... or a directory", strings.Join(patterns, " "))
	}
	return nil
}

// errorText is e's text. The go command has no position for what it can't find.
func errorText(e packages.Error) string {
	if e.Pos == "" || e.Pos == "-" {
		return e.Msg
	}
	return e.Error()
}

func isStandard(p *packages.Package) bool {
	return p.Module == nil && Excluded(p.PkgPath) || p.Module != nil && (p.Module.Path == "std" || p.Module.Path == "cmd")
}

// isExcluded tells whether a package is never instrumented.
func isExcluded(p *packages.Package) bool {
	if p.Module == nil {
		return Excluded(p.PkgPath)
	}
	return excludedIn(p.PkgPath, p.Module.Path)
}

// ofFiles is the path that the go command gives to a package made of files.
const ofFiles = "command-line-arguments"

// pick marks the packages to be instrumented.
func (t *tree) pick(roots []*packages.Package, o Options) {
	mark := func(p *packages.Package) {
		s := t.sources[p.ID]
		if s == nil || len(p.GoFiles) == 0 || !o.standard && (isExcluded(p) || t.excluded[p.PkgPath]) {
			return
		}
		if strings.HasSuffix(p.ID, ".test") && p.Name == "main" {
			return // the go command makes its files
		}
		s.target = true
		if p.ForTest != "" {
			s.only = "_test.go" // the others belong to the package without tests
			if plain := t.sources[p.PkgPath]; plain != nil && p.PkgPath == p.ForTest {
				// What the tests add can make a difference to the others too, as go vet
				// has them.
				s.only, s.plain, plain.within = "", plain, true
				s.deps = append(s.deps, plain.ID)
			}
		}
		if t.module == "" && p.Module != nil && !o.Deps {
			t.module = p.Module.Path
		}
	}
	if !o.Deps {
		for _, p := range roots {
			mark(p)
		}
		return
	}
	packages.Visit(roots, nil, func(p *packages.Package) {
		if t.module == "" && p.Module != nil && p.Module.Main {
			t.module = p.Module.Path
		}
		if main := p.Module != nil && p.Module.Main || p.PkgPath == ofFiles; o.Scope.has(p.PkgPath, main) {
			mark(p)
		}
	})
}

// findExports finds the export data of the standard library's packages, so that
// their text need not be read.
func (t *tree) findExports(std map[string]bool, o Options) error {
	if len(std) == 0 {
		return nil
	}
	cfg := &packages.Config{Mode: packages.NeedName | packages.NeedExportFile, Dir: o.Dir, BuildFlags: o.BuildFlags, Env: o.Env}
	var paths []string
	for p := range std {
		if p != "unsafe" && p != "C" {
			paths = append(paths, p)
		}
	}
	sort.Strings(paths)
	pkgs, err := packages.Load(cfg, paths...)
	if err != nil {
		return fmt.Errorf("finding the export data of the standard library: %w", err)
	}
	for _, p := range pkgs {
		t.export[p.PkgPath] = p.ExportFile
	}
	return nil
}

// dirs returns the directories of the targets' files, and of what symbolic links among
// them lead to.
func (t *tree) dirs() []string {
	seen := map[string]bool{}
	for _, s := range t.sources {
		if !s.target {
			continue
		}
		for _, name := range s.GoFiles {
			seen[filepath.Dir(name)] = true
			if info, err := os.Lstat(name); err == nil && info.Mode()&os.ModeSymlink != 0 {
				if name, err = filepath.EvalSymlinks(name); err == nil {
					seen[filepath.Dir(name)] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// siblings returns the Go files beside a package's own that were not loaded with
// it: for other systems, and tests.
func (s *source) siblings() []string {
	if len(s.GoFiles) == 0 {
		return nil
	}
	loaded := map[string]bool{}
	for _, f := range s.GoFiles {
		loaded[f] = true
	}
	dir := filepath.Dir(s.GoFiles[0])
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if filepath.Ext(name) == ".go" && !loaded[name] {
			out = append(out, name)
		}
	}
	return out
}

// forWhom returns the path of a package, or of the one that its tests are of.
func (s *source) forWhom() string {
	if s.ForTest != "" {
		return s.ForTest
	}
	return s.PkgPath
}
