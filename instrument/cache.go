package instrument

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/types"
	"hash"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/insert"
	"github.com/gvthread/gvthread/instrument/internal/load"
)

// A memory is what an earlier run has found out about a package. It is kept under a hash
// of all that decides it: the package's text, the memories of what it imports, the policy, the
// rules, and gvinstrument itself. So it is never wrong, and never changed.
type memory struct {
	Files []rememberedFile
	Facts map[string]*FuncFact // by the name of the function
}

type rememberedFile struct {
	Name, Package string
	Inserts       []Insert
}

// self returns a hash of the running program.
var self = sync.OnceValues(func() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	return hashFile(exe)
})

func hashFile(name string) (string, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// recall looks for the memories of all sources.
func (r *run) recall() error {
	o := r.options
	if o.Cache == "" || o.Tests || !o.SameLine {
		return nil
	}
	me, err := self()
	if err != nil {
		return fmt.Errorf("reading gvinstrument itself: %w", err)
	}
	for _, id := range r.Order {
		s := r.sources[id]
		h := sha256.New()
		fmt.Fprintf(h, "%s %+v %s %s %v\n", me, o.Policy, RulesText(), load.GOARCH(o.Env), o.standard)
		if err := r.hashSource(h, s); err != nil {
			return err
		}
		s.key = hex.EncodeToString(h.Sum(nil)[:20])
		// One that can't be read is as good as none, and is written again.
		m := &memory{}
		if data, err := os.ReadFile(r.memoryFile(s)); err == nil && json.Unmarshal(data, m) == nil {
			s.memory = m
		}
	}
	r.markNeeded()
	return nil
}

// markNeeded marks the sources whose types others need: those without a memory, and
// the runtime package, with which what has been changed is checked.
func (r *run) markNeeded() {
	for _, s := range r.sources {
		if s.memory == nil {
			r.need(s)
			if s.Target && r.Runtime != nil {
				r.need(r.sources[r.Runtime.ID])
			}
		}
	}
}

func (r *run) need(s *source) {
	if s.needed {
		return
	}
	s.needed = true
	for _, d := range s.Deps {
		if dep := r.sources[d]; dep != nil {
			r.need(dep)
		}
	}
}

// hashSource hashes what the decisions about a package depend on.
func (r *run) hashSource(h hash.Hash, s *source) error {
	goVersion, module := "", ""
	if s.Module != nil {
		goVersion, module = s.Module.GoVersion, s.Module.Path
	}
	fmt.Fprintf(h, "%s %s %s %s %v %v %v\n", s.ID, s.PkgPath, goVersion, module, s.Target, r.Excludes(s.Package), r.Runtime != nil)
	files := s.GoFiles
	if s.Target {
		files = slices.Concat(files, s.Siblings()) // whose names are taken
	}
	for _, name := range files {
		sum, err := hashFile(name)
		if err != nil {
			return err
		}
		fmt.Fprintln(h, name, sum)
	}
	var deps []string
	for path, d := range s.Imports {
		if dep := r.sources[d.ID]; dep != nil {
			deps = append(deps, path+" "+dep.key)
		} else {
			deps = append(deps, path+" "+r.Export(d.PkgPath))
		}
	}
	slices.Sort(deps)
	fmt.Fprintln(h, strings.Join(deps, "\n"))
	return nil
}

func (r *run) memoryFile(s *source) string {
	return filepath.Join(r.options.Cache, "known", s.key[:2], s.key+".json")
}

// remembered returns the result for a package that there is a memory of.
func (r *run) remembered(s *source) (*Result, error) {
	if s.needed {
		p, err := r.Parse(s.Source, false)
		if err != nil {
			return nil, err
		}
		r.mu.Lock()
		for name, fn := range functionsOf(p.Types) {
			if fact := s.memory.Facts[name]; fact != nil {
				r.facts[fn] = fact
			}
		}
		r.mu.Unlock()
	}
	res := &Result{}
	for _, m := range s.memory.Files {
		src, err := os.ReadFile(m.Name)
		if err != nil {
			return nil, err
		}
		f := File{Name: m.Name, Old: src, Package: m.Package}
		if n := len(m.Inserts); n > 0 && m.Inserts[n-1].Offset > len(src) {
			return nil, fmt.Errorf("%s has changed meanwhile; run gvinstrument again", m.Name)
		}
		f.Inserts, f.New = m.Inserts, insert.Apply(src, m.Inserts)
		res.Files = append(res.Files, f)
	}
	return res, nil
}

// functionsOf returns the functions and methods that a package declares, by their names in facts.
func functionsOf(pkg *types.Package) map[string]*types.Func {
	out := map[string]*types.Func{}
	for _, name := range pkg.Scope().Names() {
		switch obj := pkg.Scope().Lookup(name).(type) {
		case *types.Func:
			out[name] = obj
		case *types.TypeName:
			named, ok := obj.Type().(*types.Named)
			if !ok || obj.IsAlias() {
				continue
			}
			for m := range named.Methods() {
				out[code.FuncName(m)] = m
			}
		}
	}
	return out
}

// remember keeps what has been found out about a package.
func (r *run) remember(s *source, facts map[*types.Func]*FuncFact, res *Result) error {
	if s.key == "" {
		return nil
	}
	m := memory{Facts: map[string]*FuncFact{}}
	for fn, fact := range facts {
		m.Facts[code.FuncName(fn)] = fact
	}
	for _, f := range res.Files {
		m.Files = append(m.Files, rememberedFile{f.Name, f.Package, f.Inserts})
	}
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	name := r.memoryFile(s)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return writeNew(name, data)
}
