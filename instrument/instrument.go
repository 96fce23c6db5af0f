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
)

const defaultArch = runtime.GOARCH

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
	Rows  []Row    // every back-edge, by file and line
	Files []File   // the files that change
	Dirs  []string // where Write stages files of the packages, and a run that was killed may have left some

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
type Insert struct {
	Offset int
	Text   string
}

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
	t, err := list(o)
	if err != nil {
		return nil, err
	}
	c := &checker{tree: t, options: o, std: map[string]*types.Package{}, checks: map[string]*types.Package{}, facts: map[*types.Func]*FuncFact{}}
	if err := c.recall(); err != nil {
		return nil, err
	}
	res, err := c.all()
	if err != nil {
		return nil, err
	}
	res.Dirs = t.dirs()
	if len(res.bad) > 0 {
		sort.Slice(res.bad, func(i, j int) bool { return res.bad[i].Error() < res.bad[j].Error() })
		return res, errors.Join(report(res.bad), ErrDirective)
	}
	if len(res.Files) > 0 && !o.standard {
		err = t.importable(o, res.Files)
	}
	if err != nil || !o.Std {
		return res, err
	}
	std, err := instrumentStd(o)
	if err != nil {
		return nil, err
	}
	res.Rows, res.Files = append(res.Rows, std.Rows...), append(res.Files, std.Files...)
	return res, nil
}

// all works through the sources, each after those that it imports.
func (c *checker) all() (*Result, error) {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		out   Result
		errs  []error
		count int
		slots = make(chan struct{}, runtime.GOMAXPROCS(0))
	)
	for _, id := range c.order {
		wg.Go(func() {
			s := c.sources[id]
			defer close(s.done)
			c.await(s)
			slots <- struct{}{}
			defer func() { <-slots }()
			res, err := c.one(s)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
			} else {
				out.Rows = append(out.Rows, res.Rows...)
				out.Files = append(out.Files, res.Files...)
				out.bad = append(out.bad, res.bad...)
			}
			if count++; c.options.Progress != nil {
				c.options.Progress(count, len(c.order))
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
func (c *checker) await(s *source) {
	for _, d := range s.deps {
		if dep := c.sources[d]; dep != nil {
			<-dep.done
		}
	}
	if c.runtime != nil && s.target {
		<-c.runtime.done
	}
}

// one analyses a package, and changes its files in memory if it is a target.
func (c *checker) one(s *source) (*Result, error) {
	if s.memory != nil {
		return c.remembered(s)
	}
	res, facts, err := c.decide(s)
	if err == nil && len(res.bad) == 0 { // bad is for every run to report
		err = c.remember(s, facts, res)
	}
	return res, err
}

// decide is one without a memory. It returns the package's facts, too.
func (c *checker) decide(s *source) (*Result, map[*types.Func]*FuncFact, error) {
	p, err := c.parse(s)
	if err != nil {
		return nil, nil, err
	}
	c.mu.Lock()
	c.checks[s.ID] = p.pkg
	c.mu.Unlock()
	res := &Result{}
	if !c.options.standard && (isExcluded(s.Package) || c.excluded[s.PkgPath]) {
		return res, nil, nil
	}
	u := newUnit(c.fset, p.files, p.pkg, p.info, c.options.Policy, c.fact)
	if !s.target {
		u.settle()
		return res, c.addFacts(u), nil
	}
	var entries map[string]bool
	if s.plain != nil {
		entries = s.plain.entries // callers in other packages rely on them
	}
	report := u.analyze(entries)
	facts := c.addFacts(u)
	s.entries = u.enteredNames()
	if s.within {
		return res, facts, nil
	}
	for _, p := range report.Problems {
		res.bad = append(res.bad, fmt.Errorf("%s: %s", u.Fset.Position(p.Pos), p.Message))
	}
	for _, site := range report.Sites {
		if row := site.Row(s.PkgPath, c.fset); strings.HasSuffix(row.File, s.only) {
			res.Rows = append(res.Rows, row)
		}
	}
	res.Files, err = c.change(s, p, u, report)
	return res, facts, err
}

func (c *checker) fact(fn *types.Func) *FuncFact {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.facts[fn]
}

func (c *checker) addFacts(u *unit) map[*types.Func]*FuncFact {
	c.mu.Lock()
	defer c.mu.Unlock()
	facts := u.facts()
	maps.Copy(c.facts, facts)
	return facts
}

// change returns the files of a package that get safepoints.
func (c *checker) change(s *source, p *parsed, u *unit, r *Report) ([]File, error) {
	changed := map[*ast.File][]byte{}
	var out []File
	taken := declaredIn(s.siblings())
	for _, file := range p.files {
		name := c.fset.PositionFor(file.Package, false).Filename
		sites := r.in(file)
		if len(sites) == 0 || !strings.HasSuffix(name, s.only) {
			continue
		}
		src := p.text[file]
		q := u.qualify(file, sites, taken)
		f := File{Name: name, Old: src, Package: s.forWhom()}
		var err error
		if c.options.SameLine {
			f.insert(u.sameLine(file, sites, q))
		} else if f.New, err = u.rewrite(file, src, sites, q); err != nil {
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
	return out, c.verify(s, p, changed)
}

// RemoveAll returns what the files of packages become without the safepoints that
// were inserted. All files beside a package's own are looked at, whatever their
// build tags, unless it is files that were named.
func RemoveAll(o Options) (*Result, error) {
	o.Tests = true
	t, err := list(o)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	res := &Result{Dirs: t.dirs()}
	for _, id := range t.order {
		s := t.sources[id]
		if !s.target {
			continue
		}
		files := s.GoFiles
		if s.PkgPath != ofFiles {
			files = append(s.siblings(), files...)
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
			out, err := Remove(src)
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
