package insert

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/gvthread/gvthread/instrument/internal/load"
)

// A Name is how a file names the runtime package.
type Name struct {
	text string
	// own is set if gvinstrument adds the import. Then every safepoint through it
	// is its own; through an import that the file had, each must be marked.
	own bool
}

// Name chooses the name by which the file will call Safepoint at the given points.
func (f *File) Name(points []*Point) Name {
	for _, spec := range f.syntax.Imports {
		if name, ok := runtimeImport(spec); ok && name != "_" && name != "." && f.visible(name, spec, points) {
			return Name{text: name}
		}
	}
	for i := 0; ; i++ {
		name := "gv"
		if i > 0 {
			name = "gvrt" + strconv.Itoa(i)
		}
		if !f.used()[name] && f.Types.Scope().Lookup(name) == nil && !f.taken(name) {
			return Name{text: name, own: true}
		}
	}
}

// namesIn returns the names that a file uses.
func namesIn(file *ast.File) map[string]bool {
	used := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			used[id.Name] = true
		}
		return true
	})
	return used
}

// DeclaredIn tells which names some files declare, which are read once for each name.
func DeclaredIn(files []string) func(name string) bool {
	asked := map[string]bool{}
	return func(name string) bool {
		answer, ok := asked[name]
		if !ok {
			answer = slices.ContainsFunc(files, func(file string) bool { return declares(file, name) })
			asked[name] = answer
		}
		return answer
	}
}

// runtimeImport returns the name by which a file imports the runtime package, if
// spec does that.
func runtimeImport(spec *ast.ImportSpec) (string, bool) {
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil || path != load.RuntimePath {
		return "", false
	}
	name := "gv"
	if spec.Name != nil {
		name = spec.Name.Name
	}
	return name, true
}

// visible tells whether name means the import spec at all the points.
func (f *File) visible(name string, spec *ast.ImportSpec, points []*Point) bool {
	obj := f.Info.Implicits[spec]
	if spec.Name != nil {
		obj = f.Info.Defs[spec.Name]
	}
	if obj == nil {
		return false
	}
	return !slices.ContainsFunc(places(points), func(at place) bool { return f.Lookup(name, at.pos) != obj })
}

// declares tells whether a file that was not loaded, such as one for another
// system, declares name at package level.
func declares(filename, name string) bool {
	if filepath.Ext(filename) != ".go" {
		return false
	}
	src, err := os.ReadFile(filename)
	if err != nil || !bytes.Contains(src, []byte(name)) {
		return false
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if file == nil || err != nil && len(file.Decls) == 0 {
		return true // nobody knows
	}
	// What the file imports is an error here, and no matter.
	check := types.Config{IgnoreFuncBodies: true, Error: func(error) {}}
	pkg, _ := check.Check("", fset, []*ast.File{file}, nil)
	return pkg.Scope().Lookup(name) != nil
}
