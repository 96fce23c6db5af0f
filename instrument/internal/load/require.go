package load

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/version"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
)

// requirement returns what the go.mod and go.sum of the main module become where it is to
// have the runtime package, by name. It changes nothing: the go command resolves the
// module in copies, and may download it.
func requirement(o Config) (map[string][]byte, error) {
	mod, err := mainModule(o)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "gvinstrument-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	sum := strings.TrimSuffix(mod, ".mod") + ".sum"
	modCopy, sumCopy := filepath.Join(dir, "go.mod"), filepath.Join(dir, "go.sum")
	if err := errors.Join(copyFile(modCopy, mod), copyFile(sumCopy, sum)); err != nil {
		return nil, err
	}
	before, err := readModule(o, modCopy)
	if err != nil {
		return nil, err
	}
	release := before.runtimeVersion()
	if release == "" {
		return nil, errors.New("gvinstrument is not of a release that copies could be built with")
	}
	// This adds what the package imports, and the checksums.
	if _, err := Go(o.Dir, o.Env, "get", "-modfile="+modCopy, RuntimePath+"@"+release); err != nil {
		return nil, err
	}
	after, err := readModule(o, modCopy)
	if err != nil {
		return nil, err
	}
	if after.Go != before.Go {
		if version.Compare("go"+before.Go, "go1.22") < 0 {
			return nil, fmt.Errorf("%s %s needs go %s in %s, which has go %s, and loops mean something else since go 1.22", ModulePath, release, after.Go, mod, before.Go)
		}
		if err := keepSettings(o, modCopy, before); err != nil {
			return nil, err
		}
	}
	out := map[string][]byte{}
	if out[mod], err = os.ReadFile(modCopy); err != nil {
		return nil, err
	}
	if text, err := os.ReadFile(sumCopy); err == nil {
		out[sum] = text
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return out, nil
}

// keepSettings makes a go.mod that has got a later go line choose the settings of GODEBUG that
// it had.
func keepSettings(o Config, name string, before modFile) error {
	for _, g := range before.Godebug {
		if g.Key == "default" {
			return nil
		}
	}
	_, err := Go(o.Dir, o.Env, "mod", "edit", "-godebug=default="+version.Lang("go"+before.Go), name)
	return err
}

// mainModule returns the name of the go.mod of a build that has one of its own.
func mainModule(o Config) (string, error) {
	var env struct{ GOMOD, GOWORK string }
	text, err := Go(o.Dir, o.Env, "env", "-json", "GOMOD", "GOWORK")
	if err == nil {
		err = json.Unmarshal([]byte(text), &env)
	}
	switch {
	case err != nil:
		return "", err
	case env.GOWORK != "" && env.GOWORK != "off":
		return "", fmt.Errorf("a module of %s must require it", env.GOWORK)
	case env.GOMOD == "" || env.GOMOD == os.DevNull:
		return "", errors.New("there is no main module that could require it for the copies")
	case slices.ContainsFunc(o.BuildFlags, func(f string) bool { return strings.HasPrefix(f, "-modfile=") }):
		return "", errors.New("the file of -modfile must require it")
	}
	return env.GOMOD, nil
}

// copyFile copies a file, if there is one.
func copyFile(to, from string) error {
	text, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o666)
}

// A modFile is what go mod edit -json prints of a go.mod.
type modFile struct {
	Go      string
	Require []moduleVersion
	Replace []struct{ Old moduleVersion }
	Godebug []struct{ Key, Value string }
}

type moduleVersion struct{ Path, Version string }

// readModule reads a go.mod, or that of the module in o.Dir if name is empty.
func readModule(o Config, name string) (modFile, error) {
	args := []string{"mod", "edit", "-json"}
	if name != "" {
		args = append(args, name)
	}
	var mod modFile
	text, err := Go(o.Dir, o.Env, args...)
	if err == nil {
		err = json.Unmarshal([]byte(text), &mod)
	}
	return mod, err
}

// requiresRuntime tells whether the module requires that of the runtime package.
func (m modFile) requiresRuntime() bool {
	return slices.ContainsFunc(m.Require, func(v moduleVersion) bool { return v.Path == ModulePath })
}

// runtimeVersion returns the version of the runtime package's module that a build of copies
// has: what the module requires or replaces, or else gvinstrument's own. It returns "" if
// that is of no release.
func (m modFile) runtimeVersion() string {
	for _, v := range m.Require {
		if v.Path == ModulePath {
			return v.Version
		}
	}
	for _, r := range m.Replace {
		if r.Old.Path == ModulePath && r.Old.Version != "" {
			return r.Old.Version
		}
		if r.Old.Path == ModulePath {
			return "v0.0.0" // every version is replaced
		}
	}
	return ownVersion()
}

// ownVersion returns the version of the module that this code is of, as the program was
// built, or "" if that is no release.
func ownVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == ModulePath && m.Replace == nil && strings.HasPrefix(m.Version, "v") && !strings.Contains(m.Version, "+") {
			return m.Version
		}
	}
	return ""
}
