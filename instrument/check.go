package instrument

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
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
)

// A checker type-checks sources, and keeps what later ones need of them.
type checker struct {
	*tree
	options Options

	mu     sync.Mutex
	std    map[string]*types.Package
	checks map[string]*types.Package // by id
	facts  map[*types.Func]*FuncFact
}

// maxErrors is how many type errors of a package are shown.
const maxErrors = 10

// A parsed source is ready to be analysed.
type parsed struct {
	files []*ast.File
	text  map[*ast.File][]byte
	pkg   *types.Package
	info  *types.Info
}

// parse reads and type-checks a package. Errors count only in targets.
func (c *checker) parse(s *source) (*parsed, error) {
	p := &parsed{text: map[*ast.File][]byte{}}
	var errs []error
	for _, name := range s.GoFiles {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(c.fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			errs = append(errs, syntaxErrors(err)...)
		}
		if file != nil {
			p.files = append(p.files, file)
			p.text[file] = src
		}
	}
	if len(errs) > 0 && s.target {
		return nil, report(errs)
	}
	p.info = newInfo()
	var err error
	p.pkg, err = c.typecheck(s, p.files, p.info)
	if err != nil && s.target {
		return nil, err
	}
	return p, nil
}

// newInfo returns a place for what a unit needs to know of its package.
func newInfo() *types.Info {
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

// report joins errors, up to a number that a person reads.
func report(errs []error) error {
	if len(errs) > maxErrors {
		errs = append(errs[:maxErrors:maxErrors], fmt.Errorf("and %d more", len(errs)-maxErrors))
	}
	return errors.Join(errs...)
}

func (c *checker) typecheck(s *source, files []*ast.File, info *types.Info) (*types.Package, error) {
	var errs []error
	cfg := &types.Config{
		Importer: importer{c, s}, Sizes: types.SizesFor("gc", goarch(c.options.Env)), FakeImportC: true,
		Error:            func(err error) { errs = append(errs, err) },
		IgnoreFuncBodies: s.memory != nil,
	}
	if m := s.Module; m != nil && m.GoVersion != "" {
		cfg.GoVersion = "go" + m.GoVersion
	}
	if c.options.standard {
		cfg.GoVersion = ""
	}
	pkg, err := cfg.Check(s.PkgPath, c.fset, files, info)
	if usesCgo(files) {
		return pkg, nil // names of C have no types here; the go command will check them
	}
	if len(errs) > 0 {
		return pkg, report(errs)
	}
	return pkg, err
}

func goarch(env []string) string {
	arch := os.Getenv("GOARCH")
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "GOARCH="); ok {
			arch = v
		}
	}
	if arch == "" {
		return defaultArch
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
	*checker
	from *source
}

func (i importer) Import(path string) (*types.Package, error) { return i.ImportFrom(path, "", 0) }

func (i importer) ImportFrom(path, _ string, _ types.ImportMode) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	dep := i.from.Imports[path]
	if dep == nil && path == RuntimePath {
		if i.runtime == nil {
			return stub(), nil
		}
		return i.checked(i.runtime.ID)
	}
	if dep == nil {
		return nil, fmt.Errorf("the go command lists no package %q", path)
	}
	if len(dep.GoFiles) == 0 && len(dep.Errors) > 0 {
		return nil, errors.New(dep.Errors[0].Msg) // there is nothing to import
	}
	if i.sources[dep.ID] != nil {
		return i.checked(dep.ID)
	}
	return i.exported(dep.PkgPath)
}

func (c *checker) checked(id string) (*types.Package, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.checks[id]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("package %s could not be read", id)
}

// exported reads a package of the standard library from its export data.
func (c *checker) exported(path string) (*types.Package, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.std[path]; p != nil && p.Complete() {
		return p, nil
	}
	name := c.export[path]
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
	return gcexportdata.Read(r, c.fset, c.std, path)
}

// stub stands for the runtime package where the module under work lacks it.
func stub() *types.Package {
	pkg := types.NewPackage(RuntimePath, "gv")
	pkg.Scope().Insert(types.NewFunc(token.NoPos, pkg, "Safepoint", types.NewSignatureType(nil, nil, nil, nil, nil, false)))
	pkg.MarkComplete()
	return pkg
}

// verify parses and type-checks the package once more with the changed files.
func (c *checker) verify(s *source, p *parsed, changed map[*ast.File][]byte) error {
	files := make([]*ast.File, 0, len(p.files))
	for _, file := range p.files {
		if src, ok := changed[file]; ok {
			name := c.fset.PositionFor(file.Package, false).Filename
			f, err := parser.ParseFile(c.fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return fmt.Errorf("%s: the file with its safepoints does not parse; please report this: %w", filepath.Base(name), err)
			}
			file = f
		}
		files = append(files, file)
	}
	if _, err := c.typecheck(s, files, nil); err != nil {
		return fmt.Errorf("%s: the package with its safepoints does not compile; please report this: %w", s.PkgPath, err)
	}
	return nil
}
