package toolexec

import (
	"maps"
	"slices"
	"strings"
)

// rename returns the value of -trimpath with which copies are known by the names
// that their originals have with trim.
func (p *Plan) rename(copies map[string]string, trim string) string {
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(copies)) {
		out.WriteString(name + "=>" + p.known(copies[name], trim) + ";")
	}
	return out.String() + trim
}

// known returns the name by which the compiler knows a file: cmd/internal/objabi,
// AbsFile.
func (p *Plan) known(name, trim string) string {
	for _, rule := range strings.Split(trim, ";") {
		prefix, by, _ := strings.Cut(rule, "=>")
		rest, ok := under(name, prefix)
		switch {
		case prefix == "" || !ok:
			continue
		case by == "" && rest != "":
			return rest[1:]
		}
		return by + rest
	}
	if rest, ok := under(name, p.Goroot); ok && p.Goroot != "" {
		return "$GOROOT" + rest
	}
	return name
}

// under returns what follows a directory in a file name.
func under(name, dir string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(name, dir)
	return rest, ok && (rest == "" || rest[0] == '/' || rest[0] == '\\')
}
