package instrument

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"os"
	"runtime"
	"sort"
	"strings"
	"sync"

	"github.com/gvthread/gvthread/instrument/internal/insert"
	"github.com/gvthread/gvthread/instrument/internal/load"
)

// Options say what to instrument, and how.
type Options struct {
	Dir        string   // where the go command runs; the current directory if empty
	Patterns   []string // packages, as the go command names them
	BuildFlags []string // flags for the go command that choose files, such as -tags=x
	Env        []string // the environment of the go command; os.Environ() if nil
	Tests      bool     // also test files
	Deps       bool     // also the packages that the named ones import, as far as Scope has them
	Scope      Scope    // of other modules, and less of the main one; its zero value is the main module
	Std        bool     // with Deps and SameLine, for a Build: also packages of the standard library
	SameLine   bool     // keep every line where it is, for overlays
	Policy     Policy
	// Cache is a directory where what is found out about packages is kept for other
	// runs, if it is set, with SameLine and without Tests. The Rows of a package that
	// an earlier run has dealt with are then missing in the result.
	Cache string
	// Progress is called after each package.
	Progress func(done, total int)

	standard bool // look into the standard library: for tests of the tool only
}

// A Result is what is to be done.
type Result struct {
	Rows  []Row  // every back-edge, by file and line
	Files []File // the files that change
	// Required is what go.mod and go.sum become in a build of copies, with SameLine, if the main
	// module lacks the runtime package. They belong into the overlay too.
	Required []File
	Dirs     []string // where Write stages files of the packages, and a run that was killed may have left some

	bad []error // directives that cannot be obeyed
}

// A File is a file that changes.
type File struct {
	Name     string
	Old, New []byte
	// Package is the import path of the package that the file belongs to, or whose
	// test it is.
	Package string
	// Inserts makes New of Old, if no line was to be moved.
	Inserts []Insert

	std bool // of the standard library: it imports nothing
}

// An Insert is text that is put before the byte at an offset.
type Insert = insert.Insert

// A Scope says which packages of a program are instrumented. Its zero value is those
// of the main modules.
type Scope = load.Scope

// ParseScope reads import path patterns, separated by commas: all, or what go list
// takes, such as example.org/lib/... . What a pattern with ! before it matches is taken
// away. Of several patterns that match a package the last one counts. It fails for a
// pattern that is empty or names a directory.
func ParseScope(patterns string) (Scope, error) { return load.ParseScope(patterns) }

var (
	// ErrNoRuntime is returned where safepoints are to be inserted into a module that
	// cannot import the runtime package.
	ErrNoRuntime = load.ErrNoRuntime
	// ErrModuleCache is returned where safepoints are to be inserted in place into packages
	// of the module cache.
	ErrModuleCache = load.ErrModuleCache
)

// ErrDirective is returned where a //gv: comment cannot be obeyed: it has no reason, or
// belongs to no loop, or is none that exists. It exempts nothing.
var ErrDirective = errors.New("nothing is written before that is mended")

// Instrument finds the back-edges of packages, and what their files become. It
// writes nothing.
//
// Every changed file has been parsed and every changed package type-checked
// again. If anything fails, the error is returned with no result, but for an
// ErrNoRuntime, ErrModuleCache or ErrDirective: then the result is what would be done.
func Instrument(o Options) (*Result, error) {
	if err := o.Policy.Validate(); err != nil {
		return nil, err
	}
	t, err := load.List(o.config())
	if err != nil {
		return nil, err
	}
	r := &run{Tree: t, options: o, sources: map[string]*source{}, facts: map[*types.Func]*FuncFact{}}
	for id, s := range t.Sources {
		r.sources[id] = &source{Source: s, done: make(chan struct{})}
	}
	if err := r.recall(); err != nil {
		return nil, err
	}
	res, err := r.all()
	if err != nil {
		return nil, err
	}
	res.Dirs = t.Dirs()
	if len(res.bad) > 0 {
		sort.Slice(res.bad, func(i, j int) bool { return res.bad[i].Error() < res.bad[j].Error() })
		return res, errors.Join(load.Report(res.bad), ErrDirective)
	}
	if len(res.Files) > 0 && !o.standard {
		var names []string
		for _, f := range res.Files {
			names = append(names, f.Name)
		}
		err = t.Importable(names, !o.SameLine)
	}
	if err != nil {
		return res, err
	}
	if o.Std {
		std, err := instrumentStd(o)
		if err != nil {
			return nil, err
		}
		res.Rows, res.Files = append(res.Rows, std.Rows...), append(res.Files, std.Files...)
	}
	if len(res.Files) > 0 {
		for name, text := range t.Required {
			res.Required = append(res.Required, File{Name: name, New: text})
		}
	}
	return res, nil
}

func (o Options) config() load.Config {
	return load.Config{
		Dir: o.Dir, Patterns: o.Patterns, BuildFlags: o.BuildFlags, Env: o.Env, Tests: o.Tests, Deps: o.Deps, Scope: o.Scope,
		Standard: o.standard, Require: o.SameLine && !o.standard,
	}
}

// A run is one of Instrument.
type run struct {
	*load.Tree
	options Options
	sources map[string]*source // by id

	mu    sync.Mutex
	facts map[*types.Func]*FuncFact
}

// A source is a package of a run.
type source struct {
	*load.Source
	done chan struct{}

	key    string  // names the memory of it
	memory *memory // what an earlier run has found out
	needed bool    // its types are needed, whether there is a memory or not

	entries map[string]bool // the functions that get a safepoint at their entry, once it is done
}

// all works through the sources, each after those that it imports.
func (r *run) all() (*Result, error) {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		out   Result
		errs  []error
		count int
		slots = make(chan struct{}, runtime.GOMAXPROCS(0))
	)
	for _, id := range r.Order {
		wg.Go(func() {
			s := r.sources[id]
			defer close(s.done)
			r.await(s)
			slots <- struct{}{}
			defer func() { <-slots }()
			res, err := r.one(s)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
			} else {
				out.Rows = append(out.Rows, res.Rows...)
				out.Files = append(out.Files, res.Files...)
				out.bad = append(out.bad, res.bad...)
			}
			if count++; r.options.Progress != nil {
				r.options.Progress(count, len(r.Order))
			}
		})
	}
	wg.Wait()
	if len(errs) > 0 {
		sort.Slice(errs, func(i, j int) bool { return errs[i].Error() < errs[j].Error() })
		return nil, errors.Join(errs...)
	}
	sort.SliceStable(out.Rows, func(i, j int) bool {
		a, b := out.Rows[i], out.Rows[j]
		return a.File < b.File || a.File == b.File && a.Line < b.Line
	})
	sort.Slice(out.Files, func(i, j int) bool { return out.Files[i].Name < out.Files[j].Name })
	return &out, nil
}

// await waits for the sources that s needs: its imports, and the runtime package
// for the check of what it becomes.
func (r *run) await(s *source) {
	for _, d := range s.Deps {
		if dep := r.sources[d]; dep != nil {
			<-dep.done
		}
	}
	if r.Runtime != nil && s.Target {
		<-r.sources[r.Runtime.ID].done
	}
}

// one analyses a package, and changes its files in memory if it is a target.
func (r *run) one(s *source) (*Result, error) {
	if s.memory != nil {
		return r.remembered(s)
	}
	res, facts, err := r.decide(s)
	if err == nil && len(res.bad) == 0 { // bad is for every run to report
		err = r.remember(s, facts, res)
	}
	return res, err
}

// decide is one without a memory. It returns the package's facts, too.
func (r *run) decide(s *source) (*Result, map[*types.Func]*FuncFact, error) {
	p, err := r.Parse(s.Source, true)
	if err != nil {
		return nil, nil, err
	}
	res := &Result{}
	if r.Excludes(s.Package) {
		return res, nil, nil
	}
	u := newUnit(r.Fset, p.Files, p.Types, p.Info, r.options.Policy, r.fact)
	if !s.Target {
		u.settle()
		return res, r.addFacts(u), nil
	}
	var entries map[string]bool
	if s.Plain != nil {
		entries = r.sources[s.Plain.ID].entries // callers in other packages rely on them
	}
	report := u.analyze(entries)
	facts := r.addFacts(u)
	s.entries = u.enteredNames()
	if s.Within {
		return res, facts, nil
	}
	for _, p := range report.Problems {
		if m := s.Module; r.options.Deps && m != nil && !m.Main {
			break // who builds it is not who could mend it
		}
		res.bad = append(res.bad, fmt.Errorf("%s: %s", u.Fset.Position(p.Pos), p.Message))
	}
	for _, site := range report.Sites {
		if row := site.Row(s.PkgPath, r.Fset); strings.HasSuffix(row.File, s.Only) {
			res.Rows = append(res.Rows, row)
		}
	}
	res.Files, err = r.change(s, p, u, report)
	return res, facts, err
}

func (r *run) fact(fn *types.Func) *FuncFact {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.facts[fn]
}

func (r *run) addFacts(u *unit) map[*types.Func]*FuncFact {
	r.mu.Lock()
	defer r.mu.Unlock()
	facts := u.facts()
	maps.Copy(r.facts, facts)
	return facts
}

// change returns the files of a package that get safepoints.
func (r *run) change(s *source, p *load.Parsed, u *unit, report *Report) ([]File, error) {
	changed := map[*ast.File][]byte{}
	var out []File
	taken := insert.DeclaredIn(s.Siblings())
	for _, file := range p.Files {
		name := r.Fset.PositionFor(file.Package, false).Filename
		sites := report.in(file)
		if len(sites) == 0 || !strings.HasSuffix(name, s.Only) {
			continue
		}
		src := p.Text[file]
		in := insert.NewFile(u.Package, file, src, taken)
		points := pointsOf(sites)
		f := File{Name: name, Old: src, Package: s.ForWhom()}
		var err error
		if r.options.SameLine {
			f.Inserts = in.SameLine(points, in.Name(points))
			f.New = insert.Apply(src, f.Inserts)
		} else if f.New, err = in.Rewrite(points, in.Name(points)); err != nil {
			return nil, err
		}
		if !bytes.Equal(f.New, src) {
			changed[file] = f.New
			out = append(out, f)
		}
	}
	if len(changed) == 0 {
		return nil, nil
	}
	return out, r.Verify(s.Source, p, changed)
}

// pointsOf returns where the safepoints of sites go.
func pointsOf(sites []*Site) []*insert.Point {
	var out []*insert.Point
	for _, s := range sites {
		out = append(out, &s.point)
	}
	return out
}

// Remove takes the safepoints that gvinstrument inserted out of a file, and
// leaves those that somebody wrote. A file that was formatted stays so, and is
// what it was before, byte for byte.
func Remove(src []byte) ([]byte, error) { return insert.Remove(src) }

// RemoveAll returns what the files of packages become without the safepoints that
// were inserted. All files beside a package's own are looked at, whatever their
// build tags, unless it is files that were named.
func RemoveAll(o Options) (*Result, error) {
	o.Tests = true
	t, err := load.List(o.config())
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	res := &Result{Dirs: t.Dirs()}
	for _, id := range t.Order {
		s := t.Sources[id]
		if !s.Target {
			continue
		}
		files := s.GoFiles
		if s.PkgPath != load.OfFiles {
			files = append(s.Siblings(), files...)
		}
		for _, name := range files {
			if seen[name] {
				continue
			}
			seen[name] = true
			src, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			out, err := insert.Remove(src)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			if !bytes.Equal(out, src) {
				res.Files = append(res.Files, File{Name: name, Old: src, New: out})
			}
		}
	}
	sort.Slice(res.Files, func(i, j int) bool { return res.Files[i].Name < res.Files[j].Name })
	return res, nil
}
