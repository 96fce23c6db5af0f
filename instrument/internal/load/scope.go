package load

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// A Scope says which packages of a program are instrumented. Its zero value is those
// of the main modules.
type Scope struct{ rules []scopeRule }

type scopeRule struct {
	pattern string
	away    bool
	match   *regexp.Regexp
}

// ParseScope reads import path patterns, separated by commas: all, or what go list
// takes, such as example.org/lib/... . What a pattern with ! before it matches is taken
// away. Of several patterns that match a package the last one counts. It fails for a
// pattern that is empty or names a directory.
func ParseScope(patterns string) (Scope, error) {
	var s Scope
	for _, p := range strings.Split(patterns, ",") {
		text, away := strings.CutPrefix(strings.TrimSpace(p), "!")
		switch {
		case text == "":
			return Scope{}, errors.New("an empty pattern; name import paths as go list does, such as example.org/lib/... or all")
		case strings.HasPrefix(text, ".") || strings.HasPrefix(text, "/"):
			return Scope{}, fmt.Errorf("the pattern %q names a directory; dependencies are named by import path, such as example.org/lib/... or all", text)
		}
		s.rules = append(s.rules, scopeRule{text, away, PathPattern(text)})
	}
	return s, nil
}

// PathPattern returns what matches the import paths that a pattern of the go command
// does.
func PathPattern(pattern string) *regexp.Regexp {
	if pattern == "all" {
		pattern = "..."
	}
	re := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\.\.\.`, `.*`)
	// x/... matches x, too.
	if head, ok := strings.CutSuffix(re, `/.*`); ok {
		re = head + `(?:/.*)?`
	}
	return regexp.MustCompile(`^` + re + `$`)
}

// has tells whether a package is to be instrumented.
func (s Scope) has(path string, main bool) bool {
	in := main
	for _, r := range s.rules {
		if r.match.MatchString(path) {
			in = !r.away
		}
	}
	return in
}
