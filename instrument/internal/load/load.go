// Package load finds the packages that are asked for, reads them, and checks their types.
package load

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"
)

// A Config says which packages are wanted.
type Config struct {
	Dir        string   // where the go command runs; the current directory if empty
	Patterns   []string // as the go command names them
	BuildFlags []string // flags for the go command that choose files
	Env        []string // the environment of the go command; os.Environ() if nil
	Tests      bool     // with their test files
	Deps       bool     // also what they import, as far as Scope has it
	Scope      Scope
	Standard   bool // they are of the standard library
	// Require is set for builds of copies: a main module that lacks the runtime package gets
	// it in a copy of its go.mod.
	Require bool

	overlay map[string][]byte // what Require has made
}

// A Source is a package whose text is read, and checked for types from its text.
type Source struct {
	*packages.Package
	Target bool     // it is to be instrumented
	Only   string   // if set, only files with this suffix are to be changed
	Plain  *Source  // of a package with its tests: the same without
	Within bool     // it is the plain one of another source, which speaks for it
	Deps   []string // the ids of the sources it imports
}

// A Tree is the packages to be instrumented, and those whose facts they need.
type Tree struct {
	Fset    *token.FileSet
	Sources map[string]*Source // by id
	Order   []string           // ids, dependencies first
	Runtime *Source            // nil if the module under work doesn't have it
	// Required is what the go.mod and go.sum of the main module are in this tree, by name, if
	// they differ from what they are.
	Required map[string][]byte

	config   Config
	export   map[string]string // the export data of the standard library, by path
	excluded map[string]bool   // what the runtime package imports
	module   *packages.Module  // the one under work, if there is one
	missing  string            // why the runtime package can't be imported, if it can't

	mu     sync.Mutex
	std    map[string]*types.Package
	checks map[string]*types.Package // by id
}

// List asks the go command for the packages, and picks the targets.
func List(o Config) (*Tree, error) {
	t, err := list(o)
	if err != nil || t.missing == "" || !o.Require || t.vendored() {
		return t, err
	}
	if o.overlay, err = requirement(o); err != nil {
		t.missing += "; " + err.Error()
		return t, nil
	}
	return list(o)
}

func list(o Config) (*Tree, error) {
	cfg := &packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedModule | packages.NeedForTest,
		Dir:  o.Dir, BuildFlags: o.BuildFlags, Tests: o.Tests, Env: o.Env, Overlay: o.overlay,
	}
	roots, err := loadWithRuntime(cfg, o)
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", strings.Join(o.Patterns, " "), err)
	}
	t := &Tree{
		Fset: token.NewFileSet(), Sources: map[string]*Source{}, Required: o.overlay, config: o, export: map[string]string{}, excluded: map[string]bool{},
		std: map[string]*types.Package{}, checks: map[string]*types.Package{},
	}
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
		if isStandard(p) && !o.Standard {
			std[p.PkgPath] = true
			return
		}
		if t.Sources[p.ID] != nil {
			return // listed twice
		}
		s := &Source{Package: p}
		for _, d := range p.Imports {
			s.Deps = append(s.Deps, d.ID)
		}
		t.Sources[p.ID] = s
		t.Order = append(t.Order, p.ID)
		if p.ID == RuntimePath {
			t.Runtime = s
		}
	})
	t.pick(wanted)
	return t, t.findExports(std)
}

// loadWithRuntime lists the packages that are asked for, and the runtime package.
func loadWithRuntime(cfg *packages.Config, o Config) ([]*packages.Package, error) {
	if o.Standard {
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

// Excludes tells whether a package is never instrumented.
func (t *Tree) Excludes(p *packages.Package) bool {
	module := ""
	if p.Module != nil {
		module = p.Module.Path
	}
	return !t.config.Standard && (ExcludedIn(p.PkgPath, module) || t.excluded[p.PkgPath])
}

// OfFiles is the path that the go command gives to a package made of files.
const OfFiles = "command-line-arguments"

// pick marks the packages to be instrumented.
func (t *Tree) pick(roots []*packages.Package) {
	o := t.config
	mark := func(p *packages.Package) {
		s := t.Sources[p.ID]
		if s == nil || len(p.GoFiles) == 0 || t.Excludes(p) {
			return
		}
		if strings.HasSuffix(p.ID, ".test") && p.Name == "main" {
			return // the go command makes its files
		}
		s.Target = true
		if p.ForTest != "" {
			s.Only = "_test.go" // the others belong to the package without tests
			if plain := t.Sources[p.PkgPath]; plain != nil && p.PkgPath == p.ForTest {
				// What the tests add can make a difference to the others too, as go vet
				// has them.
				s.Only, s.Plain, plain.Within = "", plain, true
				s.Deps = append(s.Deps, plain.ID)
			}
		}
		if t.module == nil && p.Module != nil && !o.Deps {
			t.module = p.Module
		}
	}
	if !o.Deps {
		for _, p := range roots {
			mark(p)
		}
		return
	}
	packages.Visit(roots, nil, func(p *packages.Package) {
		if t.module == nil && p.Module != nil && p.Module.Main {
			t.module = p.Module
		}
		if main := p.Module != nil && p.Module.Main || p.PkgPath == OfFiles; o.Scope.has(p.PkgPath, main) {
			mark(p)
		}
	})
}

// findExports finds the export data of the standard library's packages, so that
// their text need not be read.
func (t *Tree) findExports(std map[string]bool) error {
	if len(std) == 0 {
		return nil
	}
	cfg := &packages.Config{Mode: packages.NeedName | packages.NeedExportFile, Dir: t.config.Dir, BuildFlags: t.config.BuildFlags, Env: t.config.Env}
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

// Export names the export data of a package of the standard library.
func (t *Tree) Export(path string) string { return t.export[path] }

// Dirs returns the directories of the targets' files, and of what symbolic links among
// them lead to.
func (t *Tree) Dirs() []string {
	seen := map[string]bool{}
	for _, s := range t.Sources {
		if !s.Target {
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

// Siblings returns the Go files beside a package's own that were not loaded with
// it: for other systems, and tests.
func (s *Source) Siblings() []string {
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

// ForWhom returns the path of a package, or of the one that its tests are of.
func (s *Source) ForWhom() string {
	if s.ForTest != "" {
		return s.ForTest
	}
	return s.PkgPath
}
