package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gvthread/gvthread/instrument"
)

// compiled are the flags of the go command that make a difference to compiled
// packages, or to how they are found.
var compiled = strings.Fields(`race msan asan asmflags buildmode compiler gccgoflags installsuffix ldflags
	linkshared mod modcacherw modfile pgo pkgdir tags trimpath`)

// note keeps what there is to know of a flag.
func (l *goLine) note(flag, value string) {
	text := "-" + flag
	if value != "" || slices.Contains(valueFlags, flag) {
		text += "=" + value
	}
	if slices.Contains(compiled, flag) {
		l.build = append(l.build, text)
	}
	switch flag {
	case "tags", "mod", "modfile", "race", "msan", "asan":
		l.files = append(l.files, text)
	case "cover":
		l.coverage = append(l.coverage, text)
		l.cover = value != "false" && value != "0"
		l.noCover = !l.cover
	case "covermode":
		l.coverage, l.cover = append(l.coverage, text), true
	case "coverpkg":
		l.coverpkg, l.cover = strings.Split(value, ","), true
	case "coverprofile":
		l.cover = true
	case "gcflags":
		l.gcflags = append(l.gcflags, value)
	case "pgo":
		l.pgo = value
	case "C":
		l.dir = value
	case "overlay":
		l.overlay = true
	case "toolexec":
		l.toolexec = true
	}
}

// tool serves the go command, which runs its tools through us.
func tool(plan string, args []string, stdout, stderr io.Writer) int {
	code, err := instrument.Toolexec(plan, args, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "gvinstrument:", err)
	}
	return code
}

// toolexecCommand runs the go command with tools that are given instrumented copies.
func (c *command) toolexecCommand(name string, args []string, line, always goLine) (int, error) {
	if line.toolexec || always.toolexec {
		return exitUsage, errors.New("the go command takes one -toolexec only, and that is ours")
	}
	line.inherit(always)
	b, ours, err := c.prepare(name, line)
	if err != nil {
		return exitFailure, err
	}
	keys, err := b.Gcflags()
	if err != nil {
		return exitFailure, err
	}
	through, remove, err := b.Temp()
	if err != nil {
		return exitFailure, err
	}
	defer remove()
	// Of several -gcflags the last one counts that matches a package.
	args = slices.Insert(slices.Clone(args), line.keys, keys...)
	return c.exec(c.goArgs(name, args, line, append(ours, through)...))
}

// inherit adds what GOFLAGS says to a command line. It comes first there.
func (l *goLine) inherit(always goLine) {
	if l.coverpkg == nil {
		l.coverpkg = always.coverpkg
	}
	if l.pgo == "" {
		l.pgo = always.pgo
	}
	l.gcflags = slices.Concat(always.gcflags, l.gcflags)
}

// prepare instruments what the command line names. It returns the flags that the go
// command needs to find the runtime package, too.
func (c *command) prepare(name string, line goLine) (b *instrument.Build, ours []string, err error) {
	res, cache, err := c.copies()
	if err != nil {
		return nil, nil, err
	}
	if len(res.Required) > 0 {
		file, err := instrument.OverlayFile(res.Required, cache)
		if err != nil {
			return nil, nil, err
		}
		ours = []string{"-overlay=" + file}
	}
	named, profile, err := c.named(line)
	if err != nil {
		return nil, nil, err
	}
	b = &instrument.Build{
		Dir: line.dir, Cache: cache, Env: c.Env, Flags: slices.Concat(ours, line.build),
		Through: toolexecFlag, User: line.gcflags, Named: named,
	}
	if c.tags != "" {
		b.Flags = append([]string{"-tags=" + c.tags}, b.Flags...)
	}
	if profile != "" && (line.pgo == "" || line.pgo == "auto") {
		b.Flags = append(b.Flags, "-pgo="+profile)
	}
	if err := coverRuntime(b, name, line); err != nil {
		return nil, nil, err
	}
	return b, ours, b.Prepare(res.Files)
}

// coverRuntime tells b of the coverage that is measured, which may be that of the
// runtime package too.
func coverRuntime(b *instrument.Build, name string, line goLine) error {
	if line.coverpkg == nil {
		return nil
	}
	b.Flags = append(b.Flags, line.coverage...)
	if name == "test" {
		return b.CoverTests(line.coverpkg)
	}
	b.Flags = append(b.Flags, "-coverpkg="+strings.Join(line.coverpkg, ","))
	return nil
}

// named returns the import paths of the packages that the command line names, and
// the profile that the go command optimizes for by itself.
func (c *command) named(line goLine) (paths []string, profile string, err error) {
	args := slices.Concat([]string{"list"}, c.BuildFlags, []string{"-f", "{{.ImportPath}}={{.Name}}={{.Dir}}"}, line.packages)
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stderr = line.dir, c.stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, "", fmt.Errorf("listing %s: %w", strings.Join(line.packages, " "), err)
	}
	plain := 0 // main packages without a profile
	for p := range strings.Lines(string(out)) {
		f := strings.SplitN(strings.TrimSpace(p), "=", 3)
		paths = append(paths, f[0])
		if f[1] != "main" {
			continue
		}
		name := filepath.Join(f[2], "default.pgo")
		if _, err := os.Stat(name); err != nil {
			plain++
		} else if profile != "" {
			return nil, "", fmt.Errorf("%s and %s are for different programs; name one of them, or choose a profile with -pgo", profile, name)
		} else {
			profile = name
		}
	}
	if profile != "" && plain > 0 {
		return nil, "", fmt.Errorf("%s is for one of several programs; name that one alone, or choose a profile with -pgo", profile)
	}
	return paths, profile, nil
}

// toolexecFlag returns the flag of the go command with which it runs tools through
// us.
func toolexecFlag(plan string) (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding gvinstrument itself, which is to run the go command's tools: %w", err)
	}
	plan, err = filepath.Abs(plan)
	if err != nil {
		return "", err
	}
	return "-toolexec=" + quote(exe) + " toolexec " + quote(plan), nil
}

// quote returns an argument as the go command reads it in a list.
func quote(arg string) string {
	switch {
	case !strings.ContainsAny(arg, " \t\n'\""):
		return arg
	case strings.Contains(arg, "'"):
		return `"` + arg + `"`
	}
	return "'" + arg + "'"
}

// writeMap serves -toolexec.
func (c *command) writeMap() (int, error) {
	always, err := goFlags("build", "")
	if err != nil {
		return exitFailure, err
	}
	c.Deps = true
	b, ours, err := c.prepare("build", goLine{packages: c.Patterns, pgo: always.pgo})
	if err != nil {
		return exitFailure, err
	}
	if err := b.Own(always.build); err != nil {
		return exitFailure, err
	}
	if err := b.Write(c.toolexec); err != nil {
		return exitFailure, err
	}
	through, err := toolexecFlag(c.toolexec)
	if err != nil {
		return exitFailure, err
	}
	if !c.quiet {
		flags := quote(through)
		for _, f := range ours {
			flags += " " + quote(f)
		}
		fmt.Fprintf(c.stderr, "gvinstrument: build with GOFLAGS=\"%s\"\n", flags)
	}
	return exitOK, nil
}
