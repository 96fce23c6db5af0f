package instrument

import (
	"fmt"
	"go/ast"
	"strconv"
	"strings"
	"sync"
)

// A qualifier is how a file names the runtime package.
type qualifier struct {
	name string
	// own is set if gvinstrument adds the import. Then every safepoint through it
	// is its own; through an import that the file had, each must be marked.
	own bool
}

// qualify chooses the name by which a file will call Safepoint at the given
// sites. taken tells further names that the package declares.
func (u *unit) qualify(file *ast.File, sites []*Site, taken func(string) bool) qualifier {
	for _, spec := range file.Imports {
		if name, ok := u.runtimeImport(spec); ok && u.visible(name, spec, sites) {
			return qualifier{name: name}
		}
	}
	used := u.files[file].names()
	for i := 0; ; i++ {
		name := "gv"
		if i > 0 {
			name = "gvrt" + strconv.Itoa(i)
		}
		if !used[name] && u.Types.Scope().Lookup(name) == nil && !taken(name) {
			return qualifier{name: name, own: true}
		}
	}
}

// namesIn returns the names that a file uses, from when they are first asked for.
func namesIn(file *ast.File) func() map[string]bool {
	return sync.OnceValue(func() map[string]bool {
		used := map[string]bool{}
		ast.Inspect(file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				used[id.Name] = true
			}
			return true
		})
		return used
	})
}

// declaredIn tells which names some files declare, which are read once for each name.
func declaredIn(files []string) func(name string) bool {
	asked := map[string]bool{}
	return func(name string) bool {
		answer, ok := asked[name]
		if !ok {
			answer = declaredElsewhere(files, name)
			asked[name] = answer
		}
		return answer
	}
}

// runtimeImport returns the name by which a file imports the runtime package, if
// spec does that and the name can be used.
func (u *unit) runtimeImport(spec *ast.ImportSpec) (string, bool) {
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil || path != RuntimePath {
		return "", false
	}
	name := "gv"
	if spec.Name != nil {
		name = spec.Name.Name
	}
	return name, name != "_" && name != "."
}

// visible tells whether name means the import spec at all the sites.
func (u *unit) visible(name string, spec *ast.ImportSpec, sites []*Site) bool {
	obj := u.Info.Implicits[spec]
	if spec.Name != nil {
		obj = u.Info.Defs[spec.Name]
	}
	if obj == nil {
		return false
	}
	for _, s := range sites {
		for _, pos := range s.anchor.positions() {
			if u.Lookup(name, pos) != obj {
				return false
			}
		}
	}
	return true
}

// inline is call with the mark, if the import is not ours.
func (s *Site) inline(q qualifier) string {
	if q.own {
		return s.call(q)
	}
	return strings.Replace(s.call(q), "()", "() "+inlineMark, 1)
}

// call returns the text of a site's safepoint, on one line.
func (s *Site) call(q qualifier) string {
	if s.Form == Stride {
		return fmt.Sprintf("if %s&%d == 0 { %s.Safepoint() }", s.anchor.counter, strideMask, q.name)
	}
	return q.name + ".Safepoint()"
}
