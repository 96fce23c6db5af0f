package load

import (
	"slices"
	"strings"
)

// Packages that are never instrumented: the standard library, and what the
// runtime package itself imports. A safepoint in there would be an import cycle.
var excluded = []string{ModulePath + "/arch", RuntimePath, "golang.org/x/sys"}

const (
	// RuntimePath is the import path of the package that declares Safepoint.
	RuntimePath = ModulePath + "/runtime"
	// ModulePath is the module that holds it.
	ModulePath = "github.com/gvthread/gvthread"
)

// standard holds the first elements of the standard library's import paths.
var standard = strings.Fields(`archive bufio builtin bytes cmd cmp compress container context crypto
	database debug embed encoding errors expvar flag fmt go hash html image index internal io iter log maps
	math mime net os path plugin reflect regexp runtime slices sort strconv strings structs sync syscall
	testing text time unicode unique unsafe vendor weak C`)

// Excluded tells whether a package must not be instrumented because the runtime
// package may import it.
func Excluded(path string) bool { return Standard(path) || importedByRuntime(path) }

// Standard tells whether a path is one of the standard library.
func Standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return slices.Contains(standard, first)
}

// ExcludedIn is Excluded for a package of a module, if it is known to be of one: that
// may have a name like those in the standard library.
func ExcludedIn(path, module string) bool {
	switch module {
	case "":
		return Excluded(path)
	case "std", "cmd":
		return true
	}
	return importedByRuntime(path)
}

func importedByRuntime(path string) bool {
	return slices.ContainsFunc(excluded, func(e string) bool { return path == e || strings.HasPrefix(path, e+"/") })
}
