package instrument

import (
	"fmt"
	"path/filepath"
	"strings"
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
		return standardFile(p.path)
	case pattern != "." && pattern != ".." && !strings.HasPrefix(pattern, "./") && !strings.HasPrefix(pattern, "../"):
		return pathPattern(pattern).MatchString(p.path)
	}
	base, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(base, filepath.Dir(p.file))
	if err != nil {
		return false
	}
	return pathPattern(clean(pattern)).MatchString(clean(filepath.ToSlash(rel)))
}

// clean returns a relative path or pattern without the dot in front.
func clean(path string) string {
	return strings.TrimSuffix(strings.TrimPrefix(path+"/", "./"), "/")
}

// standardFile tells whether a path is one of the standard library.
func standardFile(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return standard[first]
}
