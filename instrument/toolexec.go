package instrument

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/gvthread/gvthread/instrument/internal/load"
	"github.com/gvthread/gvthread/instrument/internal/toolexec"
)

// A Build is a run of the go command whose tools are given instrumented copies by
// -toolexec. That reaches packages of other modules, and the files that the cover tool reads,
// which -overlay does not.
type Build struct {
	Dir   string   // where the go command runs; the current directory if empty
	Flags []string // the flags of the build, as go list takes them
	Env   []string // the environment of the go command; os.Environ() if nil
	Cache string   // the directory for the copies
	// Through returns the flag -toolexec for a map in a file.
	Through func(plan string) (string, error)
	// User holds the values of -gcflags on the command line, in their order, and
	// Named the packages that it names.
	User, Named []string

	plan     *toolexec.Plan
	packages map[string][]string // the originals that have copies, by import path
}

// Prepare writes copies of the files, which must have been made with
// Options.SameLine, and finds the compiled runtime package that they import: with the flags
// of the build, so that the go command compiles nothing twice.
func (b *Build) Prepare(files []File) error {
	copies, err := Copies(files, b.Cache)
	if err != nil {
		return err
	}
	b.plan = &toolexec.Plan{Files: map[string]toolexec.Source{}}
	b.packages = map[string][]string{}
	for _, f := range files {
		src := toolexec.Source{Copy: copies[f.Name], Sum: toolexec.Sum(f.Old), Std: f.std, Inserts: f.Inserts}
		if f.std {
			b.plan.Std = &stdLink
		}
		b.plan.Files[f.Name] = src
		b.packages[f.Package] = append(b.packages[f.Package], f.Name)
	}
	root, err := b.run("env", "GOROOT")
	if err != nil {
		return err
	}
	b.plan.Goroot = root
	if b.plan.Std == nil {
		return b.findLinks(nil)
	}
	return b.findLinksWithStd()
}

// findLinksWithStd is findLinks where the runtime package imports instrumented
// packages of the standard library.
func (b *Build) findLinksWithStd() error {
	out, err := b.run(slices.Concat([]string{"list"}, b.Flags, b.gcflagsFor("sync/atomic"), []string{"-export", "-f", "{{.Export}}", "sync/atomic"})...)
	if err != nil {
		return fmt.Errorf("compiling sync/atomic: %w", err)
	}
	b.plan.Atomic = toolexec.Link{Path: "sync/atomic", File: out}
	through, remove, err := b.Temp()
	if err != nil {
		return err
	}
	defer remove()
	keys, err := b.gcflags(func(path string) bool { return b.plan.Files[b.packages[path][0]].Std })
	if err != nil {
		return err
	}
	return b.findLinks(append([]string{through}, keys...))
}

// findLinks finds the compiled runtime package, and what it imports.
func (b *Build) findLinks(flags []string) error {
	args := slices.Concat([]string{"list"}, b.Flags, b.gcflagsFor(RuntimePath), flags, []string{"-export", "-deps", "-f", "{{.ImportPath}} {{.BuildID}} {{.Export}}", RuntimePath})
	out, err := b.run(args...)
	if err != nil {
		return fmt.Errorf("compiling %s for what imports it: %w", RuntimePath, err)
	}
	var ids strings.Builder
	for line := range strings.Lines(out) {
		path, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		id, file, ok := strings.Cut(rest, " ")
		if !ok || file == "" {
			continue // unsafe
		}
		b.plan.Links = append(b.plan.Links, toolexec.Link{Path: path, File: file})
		fmt.Fprintln(&ids, path, id[strings.LastIndex(id, "/")+1:])
	}
	slices.Reverse(b.plan.Links)
	if len(b.plan.Links) == 0 || b.plan.Links[0].Path != RuntimePath {
		return fmt.Errorf("the go command lists no compiled package %s", RuntimePath)
	}
	b.plan.Mark = toolexec.Sum([]byte(ids.String()))
	return nil
}

// run runs the go command and returns what it prints.
func (b *Build) run(args ...string) (string, error) { return load.Go(b.Dir, b.Env, args...) }

// Write writes what Toolexec reads.
func (b *Build) Write(name string) error { return b.plan.Write(name) }

// Temp is Write to a file that is there until remove is called. It returns the flag
// -toolexec for it.
func (b *Build) Temp() (through string, remove func(), err error) {
	file, remove, err := Temp(b.Cache)
	if err != nil {
		return "", nil, err
	}
	if err = errors.Join(file.Close(), b.Write(file.Name())); err == nil {
		through, err = b.Through(file.Name())
	}
	if err != nil {
		remove()
		return "", nil, err
	}
	return through, remove, nil
}

// Gcflags returns the flags of the go command that tell the packages with copies apart
// from those without. They stand behind all other -gcflags.
//
// The go command hashes the flags that a package is compiled with, and nothing else that
// -toolexec could change for one package alone. So one that has no copies is the same
// to its cache as in any other build.
func (b *Build) Gcflags() ([]string, error) {
	out, err := b.gcflags(func(string) bool { return true })
	if err != nil || len(out) == 0 {
		return nil, err
	}
	// The last one goes into the program's build information. It must not be that of
	// a package, or the program would be linked again for a change in another program.
	return append(out, "-gcflags=@gvinstrument="+b.last()), nil
}

// gcflagsFor returns the user's -gcflags for go list of one package. It is then the one
// that is named, and flags without a pattern would be its.
func (b *Build) gcflagsFor(path string) []string {
	out := []string{"-gcflags=" + path + "="} // instead of what GOFLAGS says
	for _, v := range b.User {
		if v = strings.TrimSpace(v); v != "" && !strings.HasPrefix(v, "-") {
			out = append(out, "-gcflags="+v)
			continue
		}
		for _, named := range b.Named {
			out = append(out, "-gcflags="+named+"="+v)
		}
	}
	return out
}

// gcflags returns the flags for some packages.
func (b *Build) gcflags(some func(path string) bool) ([]string, error) {
	var out []string
	for _, path := range slices.Sorted(maps.Keys(b.packages)) {
		if !some(path) {
			continue
		}
		files := slices.Sorted(slices.Values(b.packages[path]))
		pkg := gcPackage{path: path, file: files[0], named: slices.Contains(b.Named, path)}
		flags, err := gcflagsOf(pkg, b.User, b.Dir)
		if err != nil {
			return nil, err
		}
		out = append(out, strings.TrimSuffix("-gcflags="+path+"="+flags, " ")+" "+toolexec.KeyFlag+"="+b.plan.Key(files))
	}
	return out, nil
}

func (b *Build) last() string {
	if len(b.User) == 0 {
		return ""
	}
	return b.User[len(b.User)-1]
}

// Own makes the map one for builds whose command line is not ours: for -toolexec in
// GOFLAGS, with flags that make a difference to what is compiled. All packages of such a build are
// compiled for it alone.
func (b *Build) Own(flags []string) error {
	out, err := b.run("env", "GOOS", "GOARCH")
	if err != nil {
		return err
	}
	target := strings.Fields(out)
	var all []string
	for _, path := range slices.Sorted(maps.Keys(b.packages)) {
		all = append(all, path, b.plan.Key(slices.Sorted(slices.Values(b.packages[path]))))
	}
	b.plan.ID = toolexec.Sum([]byte(strings.Join(all, "\n")))
	b.plan.Target = toolexec.Target(target[0], target[1], slices.Concat(flags, b.Flags))
	return nil
}

// Toolexec runs a tool of the go command with the map that Build.Write has written,
// and returns its exit code.
func Toolexec(name string, args []string, stdout, stderr io.Writer) (int, error) {
	if len(args) == 0 {
		return 2, errors.New("toolexec: no tool; the go command calls this, with -toolexec=\"gvinstrument toolexec map.json\"")
	}
	return toolexec.Run(name, args[0], args[1:], stdout, stderr)
}
