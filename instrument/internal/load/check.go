package load

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

// maxErrors is how many type errors of a package are shown.
const maxErrors = 10

// A Parsed source is ready to be analysed.
type Parsed struct {
	Files []*ast.File
	Text  map[*ast.File][]byte
	Types *types.Package
	Info  *types.Info
}

// Parse reads and type-checks a package: its declarations alone, if bodies isn't set.
// Those that it imports have been parsed. Errors count only in targets.
func (t *Tree) Parse(s *Source, bodies bool) (*Parsed, error) {
	p := &Parsed{Text: map[*ast.File][]byte{}}
	var errs []error
	for _, name := range s.GoFiles {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(t.Fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			errs = append(errs, syntaxErrors(err)...)
		}
		if file != nil {
			p.Files = append(p.Files, file)
			p.Text[file] = src
		}
	}
	if len(errs) > 0 && s.Target {
		return nil, Report(errs)
	}
	p.Info = NewInfo()
	var err error
	p.Types, err = t.typecheck(s, p.Files, p.Info, bodies)
	if err != nil && s.Target {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.checks[s.ID] = p.Types
	return p, nil
}

// NewInfo returns a place for what is to be known of a package.
func NewInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
}

func syntaxErrors(err error) []error {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		return []error{err}
	}
	var out []error
	for _, e := range list {
		out = append(out, e)
	}
	return out
}

// Report joins errors, up to a number that a person reads.
func Report(errs []error) error {
	if len(errs) > maxErrors {
		errs = append(errs[:maxErrors:maxErrors], fmt.Errorf("and %d more", len(errs)-maxErrors))
	}
	return errors.Join(errs...)
}

func (t *Tree) typecheck(s *Source, files []*ast.File, info *types.Info, bodies bool) (*types.Package, error) {
	var errs []error
	cfg := &types.Config{
		Importer: importer{t, s}, Sizes: types.SizesFor("gc", GOARCH(t.config.Env)), FakeImportC: true,
		Error:            func(err error) { errs = append(errs, err) },
		IgnoreFuncBodies: !bodies,
	}
	if m := s.Module; m != nil && m.GoVersion != "" {
		cfg.GoVersion = "go" + m.GoVersion
	}
	if t.config.Standard {
		cfg.GoVersion = ""
	}
	pkg, err := cfg.Check(s.PkgPath, t.Fset, files, info)
	if usesCgo(files) {
		return pkg, nil // names of C have no types here; the go command will check them
	}
	if len(errs) > 0 {
		return pkg, Report(errs)
	}
	return pkg, err
}

// GOARCH returns what a go command with an environment builds for.
func GOARCH(env []string) string {
	arch := os.Getenv("GOARCH")
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "GOARCH="); ok {
			arch = v
		}
	}
	if arch == "" {
		return runtime.GOARCH
	}
	return arch
}

func usesCgo(files []*ast.File) bool {
	for _, f := range files {
		for _, i := range f.Imports {
			if i.Path.Value == `"C"` {
				return true
			}
		}
	}
	return false
}

// An importer finds packages for one source.
type importer struct {
	*Tree
	from *Source
}

func (i importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	dep := i.from.Imports[path]
	if dep == nil && path == RuntimePath {
		if i.Runtime == nil {
			return stub(), nil
		}
		return i.checked(i.Runtime.ID)
	}
	if dep == nil {
		return nil, fmt.Errorf("the go command lists no package %q", path)
	}
	if len(dep.GoFiles) == 0 && len(dep.Errors) > 0 {
		return nil, errors.New(dep.Errors[0].Msg) // there is nothing to import
	}
	if i.Sources[dep.ID] != nil {
		return i.checked(dep.ID)
	}
	return i.exported(dep.PkgPath)
}

func (t *Tree) checked(id string) (*types.Package, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.checks[id]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("package %s could not be read", id)
}

// exported reads a package of the standard library from its export data.
func (t *Tree) exported(path string) (*types.Package, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.std[path]; p != nil && p.Complete() {
		return p, nil
	}
	name := t.export[path]
	if name == "" {
		return nil, fmt.Errorf("the go command has no export data of %q", path)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	//lint:ignore SA1019 what go list -export names are archive files, up to Go 1.28
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("reading the export data of %s: %w", path, err)
	}
	return gcexportdata.Read(r, t.Fset, t.std, path)
}

// stub stands for the runtime package where the module under work lacks it.
func stub() *types.Package {
	pkg := types.NewPackage(RuntimePath, "gv")
	pkg.Scope().Insert(types.NewFunc(token.NoPos, pkg, "Safepoint", types.NewSignatureType(nil, nil, nil, nil, nil, false)))
	pkg.MarkComplete()
	return pkg
}

// Verify parses and type-checks the package once more with the changed files.
func (t *Tree) Verify(s *Source, p *Parsed, changed map[*ast.File][]byte) error {
	files := make([]*ast.File, 0, len(p.Files))
	for _, file := range p.Files {
		if src, ok := changed[file]; ok {
			name := t.Fset.PositionFor(file.Package, false).Filename
			f, err := parser.ParseFile(t.Fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return fmt.Errorf("%s: the file with its safepoints does not parse; please report this: %w", filepath.Base(name), err)
			}
			file = f
		}
		files = append(files, file)
	}
	if _, err := t.typecheck(s, files, nil, true); err != nil {
		return fmt.Errorf("%s: the package with its safepoints does not compile; please report this: %w", s.PkgPath, err)
	}
	return nil
}
