package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// dependency is the name of the variant in which the module is not changed, but
// instrumented as a dependency of another.
const dependency = "dependency"

// asDependency makes a module that needs the plain copy of m, and nothing else.
func (c *config) asDependency(ctx context.Context, m module, plain string) (*variant, error) {
	host := filepath.Join(filepath.Dir(plain), "host")
	if err := os.MkdirAll(host, 0o777); err != nil {
		return nil, err
	}
	stub := filepath.Join(c.root, "testdata", "modules", "stub")
	text := fmt.Sprintf("module host\n\ngo 1.26\n\nrequire (\n\t%[1]s %[2]s\n\tgithub.com/gvthread/gvthread v0.0.0\n)\n\nreplace (\n\t%[1]s => %[3]s\n\tgithub.com/gvthread/gvthread => %[4]s\n)\n",
		m.Path, m.Version, plain, stub)
	if err := os.WriteFile(filepath.Join(host, "go.mod"), []byte(text), 0o666); err != nil {
		return nil, err
	}
	return &variant{name: dependency, dir: plain, host: host, instrumented: true}, nil
}

// goTest returns a run of go test on a package of a variant: in its folder, or as a
// dependency.
func (c *config) goTest(m module, v *variant, dir, path string, flags ...string) (in string, env, command []string) {
	if v.host == "" {
		return dir, v.env, append(append([]string{"go", "test"}, flags...), ".")
	}
	var scope []string
	for _, p := range m.Instrument {
		scope = append(scope, m.Path+strings.TrimPrefix(p, "."))
	}
	command = append([]string{c.tool, "-q", "-policy=" + c.policies[0], "-deps=" + strings.Join(scope, ","), "test"}, flags...)
	// What the module's tests need is not in the go.mod that has just been made.
	return v.host, append([]string{"GOFLAGS=-mod=mod"}, v.env...), append(command, path)
}

// packages returns the directories of the packages to be tested, and their import paths.
func (c *config) packages(ctx context.Context, m module, v *variant, tags string) (dirs, paths []string, err error) {
	out, err := output(ctx, v.dir, v.env, "go", append([]string{"list", "-tags=" + tags, "-f", "{{.Dir}} {{.ImportPath}}"}, m.Packages...)...)
	for line := range strings.Lines(out) {
		dir, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		dirs, paths = append(dirs, dir), append(paths, path)
	}
	return dirs, paths, err
}
