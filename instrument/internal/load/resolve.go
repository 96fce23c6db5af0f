package load

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// ErrNoRuntime is returned where safepoints are to be inserted into a module that
// cannot import the runtime package.
var ErrNoRuntime = errors.New("package " + RuntimePath + " can't be imported")

// ErrModuleCache is returned where safepoints are to be inserted in place into packages
// of the module cache.
var ErrModuleCache = errors.New("the module cache is not to be changed: all builds share it")

// unresolved says why the runtime package, as the go command has listed it, can't be
// imported. It returns "" if it can.
func unresolved(rt *packages.Package) string {
	why := ""
	packages.Visit([]*packages.Package{rt}, nil, func(p *packages.Package) {
		if len(p.Errors) > 0 && why == "" {
			why, _, _ = strings.Cut(p.Errors[0].Msg, "; to add") // we say ourselves what to type
		}
	})
	return why
}

// Importable returns an error if what files become would not build because the runtime
// package can't be imported, or are of the module cache. It wraps ErrNoRuntime or
// ErrModuleCache.
//
// The build under work must have it. In place, each module that is touched must also
// have it by itself: a member of a workspace, or the target of a replacement, is built
// without the others too.
func (t *Tree) Importable(files []string, inPlace bool) error {
	o := t.config
	if t.missing != "" {
		return t.noRuntime(inPlace)
	}
	if !inPlace {
		return nil
	}
	env, err := Go(o.Dir, o.Env, "env", "GOMODCACHE", "GOWORK")
	if err != nil {
		return err
	}
	cache, work, _ := strings.Cut(env, "\n")
	workspace := work != "" && work != "off"
	here, err := filepath.Abs(o.Dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, dir := range moduleDirs(files) {
		if dir == ModuleDir(here) && !workspace {
			continue // that is the build under work
		}
		if strings.HasPrefix(dir, cache+string(filepath.Separator)) {
			errs = append(errs, fmt.Errorf("%w; nothing has been written in %s", ErrModuleCache, dir))
			continue
		}
		why, found := alone(o, dir)
		mod, _ := readModule(Config{Dir: dir, Env: o.Env}, "")
		if why == "" || !found && workspace && mod.requiresRuntime() {
			continue // in the second case what it requires is in the workspace only, with us or without
		}
		errs = append(errs, fmt.Errorf("%w in %s where that is built alone: %s; nothing has been written; add it with\n\tgo get -C %s %s",
			ErrNoRuntime, dir, why, quoted(dir), RuntimePath))
	}
	return errors.Join(errs...)
}

// quoted is a directory as one types it.
func quoted(dir string) string {
	if strings.Contains(dir, " ") {
		return `"` + dir + `"`
	}
	return dir
}

// noRuntime says what to do about a build that cannot import the runtime package.
func (t *Tree) noRuntime(inPlace bool) error {
	module, get := "the module", "go get "
	if t.module != nil {
		module = "module " + t.module.Path
		if here, err := filepath.Abs(t.config.Dir); err == nil && ModuleDir(here) != t.module.Dir {
			get += "-C " + quoted(t.module.Dir) + " "
		}
	}
	if t.vendored() {
		return fmt.Errorf("%w in %s: the vendor directory does not have it; require it, import it in some package as\n\timport _ %q\nand run go mod vendor; or set -mod=mod in GOFLAGS",
			ErrNoRuntime, module, RuntimePath)
	}
	err := fmt.Errorf("%w in %s: %s; nothing has been written; add it with\n\t%s", ErrNoRuntime, module, t.missing, get+RuntimePath)
	if !inPlace && t.Runtime == nil {
		err = fmt.Errorf("%w\nand, as go mod tidy drops what no source imports, import it in some package as\n\timport _ %q", err, RuntimePath)
	}
	return err
}

// vendored tells whether the runtime package is missing in a vendor directory.
func (t *Tree) vendored() bool { return strings.Contains(t.missing, "-mod=vendor") }

// alone says why the module in dir can't import the runtime package where it is built
// without a workspace. It returns "" if it can. found tells whether it is only what the
// package imports that is missing.
func alone(o Config, dir string) (why string, found bool) {
	cfg := &packages.Config{Mode: packages.NeedName | packages.NeedImports | packages.NeedDeps, Dir: dir, Env: append(environ(o.Env), "GOWORK=off")}
	pkgs, err := packages.Load(cfg, RuntimePath)
	if err != nil {
		return err.Error(), false
	}
	return unresolved(pkgs[0]), len(pkgs[0].Errors) == 0
}

func environ(env []string) []string {
	if env == nil {
		return os.Environ()
	}
	return slices.Clip(env)
}

// Go runs a go command in dir and returns what it prints, without spaces around it. The error
// has what the go command says.
func Go(dir string, env []string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		err = errors.New(strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return "", fmt.Errorf("go %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}

// moduleDirs returns the directories of the modules that files belong to.
func moduleDirs(files []string) []string {
	var dirs []string
	for _, f := range files {
		dirs = append(dirs, ModuleDir(filepath.Dir(f)))
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// ModuleDir returns the directory of the module that dir belongs to, or dir if there is
// none.
func ModuleDir(dir string) string {
	for d := dir; ; d = filepath.Dir(d) {
		if info, err := os.Stat(filepath.Join(d, "go.mod")); err == nil && !info.IsDir() {
			return d
		}
		if d == filepath.Dir(d) {
			return dir
		}
	}
}
