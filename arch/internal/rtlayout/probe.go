package rtlayout

import (
	"context"
	"debug/buildinfo"
	"debug/dwarf"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Target is a toolchain and an architecture to build the probe for. The
// operating system is linux: no other has a table.
type Target struct {
	Version string // as runtime.Version returns it: "go1.26.8"
	GOARCH  string
}

// String returns, for example, "go1.26.8 linux/arm64".
func (t Target) String() string {
	return fmt.Sprintf("%s linux/%s", t.Version, t.GOARCH)
}

// probeFiles are the smallest module that links the runtime. Its go.mod names
// no release, so that each toolchain builds it as it is.
var probeFiles = map[string]string{
	"go.mod":  "module probe\n",
	"main.go": "package main\n\nfunc main() {}\n",
}

// Probe builds a small program for t in a directory of its own and returns its
// DWARF. The go command in PATH is asked to switch to t.Version, which may
// download that toolchain; without a go command the error is exec.ErrNotFound.
func Probe(ctx context.Context, t Target) (_ *dwarf.Data, err error) {
	dir, err := os.MkdirTemp("", "rtlayout")
	if err != nil {
		return nil, fmt.Errorf("making a directory for the probe: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for name, text := range probeFiles {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return nil, fmt.Errorf("writing the probe: %w", err)
		}
	}
	binary := filepath.Join(dir, "probe")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, ".")
	cmd.WaitDelay = 10 * time.Second // compilers that outlive a killed go command
	cmd.Dir = dir
	cmd.Env = probeEnv(os.Environ(), t)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the probe with %s: %w\n%s", t, err, out)
	}
	return probeDWARF(binary, t)
}

// probeEnv returns env changed so that the go command builds for t.
func probeEnv(env []string, t Target) []string {
	// go generate sets GOROOT, to that of the toolchain which runs it.
	env = slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		return strings.HasPrefix(kv, "GOROOT=")
	})
	// GOEXPERIMENT adds to the version ("go1.26.8-X:name") but not to the
	// toolchain's name.
	toolchain, _, _ := strings.Cut(t.Version, "-X:")
	if !strings.HasPrefix(toolchain, "go1.") {
		toolchain = "local" // a development version, which can't be asked for
	}
	return append(env,
		"GOTOOLCHAIN="+toolchain, "GOOS=linux", "GOARCH="+t.GOARCH, "CGO_ENABLED=0", "GOWORK=off",
		// The user's flags must not count: -ldflags=-w would remove the DWARF.
		// An empty value would mean the ones that go env -w has stored.
		"GOFLAGS=-buildvcs=false")
}

// probeDWARF returns the DWARF of the program at path, after making sure that
// it is what t asked for.
func probeDWARF(path string, t Target) (*dwarf.Data, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the probe's build information: %w", err)
	}
	if info.GoVersion != t.Version {
		return nil, fmt.Errorf("asked for a probe built with %s, got one built with %s: "+
			"check the go command in PATH, GOTOOLCHAIN and GOEXPERIMENT", t.Version, info.GoVersion)
	}
	file, err := elf.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the probe: %w", err)
	}
	defer file.Close()
	data, err := file.DWARF()
	if err != nil {
		return nil, fmt.Errorf("reading DWARF of %s: %w", t, err)
	}
	return data, nil
}
