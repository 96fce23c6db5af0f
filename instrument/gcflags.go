package instrument

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gvthread/gvthread/instrument/internal/load"
)

// A gcPackage is a package as the patterns of -gcflags see it.
type gcPackage struct {
	path  string
	file  string // one of its files
	named bool   // the command line names it
}

// gcflagsOf returns the flags that a package gets from the values of -gcflags, of which the last
// one that matches counts: cmd/go/internal/load, PerPackageFlag.
func gcflagsOf(p gcPackage, values []string, dir string) (string, error) {
	flags := ""
	for _, v := range values {
		v = strings.TrimSpace(v)
		if v == "" || strings.HasPrefix(v, "-") {
			if p.named {
				flags = v
			}
			continue
		}
		pattern, f, ok := strings.Cut(v, "=")
		if !ok {
			return "", fmt.Errorf("-gcflags=%s: missing =<value> in <pattern>=<value>", v)
		}
		if p.matches(strings.TrimSpace(pattern), dir) {
			flags = strings.TrimSpace(f)
		}
	}
	return flags, nil
}

func (p gcPackage) matches(pattern, dir string) bool {
	switch {
	case pattern == "std" || pattern == "cmd":
		return load.Standard(p.path)
	case pattern != "." && pattern != ".." && !strings.HasPrefix(pattern, "./") && !strings.HasPrefix(pattern, "../"):
		return load.PathPattern(pattern).MatchString(p.path)
	}
	at := strings.Index(pattern, "...")
	below := ""
	if at >= 0 {
		slash := strings.LastIndex(pattern[:at], "/")
		pattern, below = pattern[:slash], pattern[slash+1:]
	}
	base, err := filepath.Abs(filepath.Join(dir, pattern))
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(base, filepath.Dir(p.file))
	rel = filepath.ToSlash(rel)
	if err != nil || rel == ".." || strings.HasPrefix(rel, "../") {
		return false
	}
	return rel == "." && below == "" || below != "" && load.PathPattern(below).MatchString(rel)
}

// CoverTests tells b which packages go test -coverpkg measures the coverage of: those
// that match a pattern and that the tests of the Named packages need. Where the runtime
// package is not among the latter, go list -coverpkg has more of what it imports. It fails if
// the go command can't list them.
func (b *Build) CoverTests(patterns []string) error {
	if slices.Contains(b.Named, load.OfFiles) {
		b.Flags = append(b.Flags, "-coverpkg="+strings.Join(patterns, ",")) // nobody can list their imports
		return nil
	}
	imports, err := b.list("{{join .TestImports \"\\n\"}}\n{{join .XTestImports \"\\n\"}}", b.Named)
	if err != nil {
		return err
	}
	roots := slices.Concat(b.Named, slices.DeleteFunc(imports, func(path string) bool { return path == "C" }))
	slices.Sort(roots)
	lines, err := b.list("{{.ImportPath}}={{.Dir}}", append([]string{"-deps"}, slices.Compact(roots)...))
	if err != nil {
		return err
	}
	var covered []string
	for _, line := range lines {
		path, dir, _ := strings.Cut(line, "=")
		p := gcPackage{path: path, file: filepath.Join(dir, "x.go")}
		if slices.ContainsFunc(patterns, func(pattern string) bool { return p.matches(pattern, b.Dir) }) {
			covered = append(covered, path)
		}
	}
	if len(covered) > 0 {
		b.Flags = append(b.Flags, "-coverpkg="+strings.Join(covered, ","))
	}
	return nil
}

// list returns the lines that go list prints.
func (b *Build) list(format string, args []string) ([]string, error) {
	out, err := b.run(slices.Concat([]string{"list"}, b.Flags, []string{"-f", format}, args)...)
	isEmpty := func(line string) bool { return line == "" }
	return slices.DeleteFunc(strings.Split(out, "\n"), isEmpty), err
}
