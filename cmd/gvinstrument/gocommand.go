package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gvthread/gvthread/instrument"
)

// goCommands are the commands of the go tool that take an overlay.
var goCommands = strings.Fields(`build run test vet install`)

// otherCommands are those that don't. Their names are nobody's packages.
var otherCommands = strings.Fields(`bug clean doc env fix fmt generate get list mod work telemetry tool`)

// valueFlags are the flags of the go command whose value may be the next
// argument. All others stand alone.
var valueFlags = strings.Fields(`C p asmflags buildmode compiler covermode coverpkg gccgoflags gcflags
	installsuffix ldflags mod modfile overlay pgo pkgdir tags toolexec o exec bench benchtime blockprofile
	blockprofilerate count coverprofile cpu cpuprofile fuzz fuzzminimizetime fuzztime list memprofile
	memprofilerate mutexprofile mutexprofilefraction outputdir parallel run shuffle skip testlogfile timeout
	trace vet vettool`)

// A goLine is the command line of a go command, as far as it concerns us.
type goLine struct {
	packages []string
	files    []string // flags that choose the files of a build
	dir      string
	overlay  bool
	cover    bool
	noCover  bool // it says that there is to be none
	coverpkg []string
	toolexec bool
	build    []string // flags that make a difference to what is compiled
	coverage []string // what goes with coverpkg
	gcflags  []string // the values of -gcflags
	pgo      string
	first    int // how many of the arguments must stay first: -C and its value
	keys     int // how many of the arguments end in these and the last -gcflags
}

// parseGoLine finds the packages in a go command's arguments. What follows the
// package of go run, and -args of go test, belongs to the program, and so does what
// stands behind the packages of go test and a flag.
func parseGoLine(name string, args []string) goLine {
	var l goLine
	last := 0 // where the last package stands
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "-args" || arg == "--args" {
			break
		}
		if !strings.HasPrefix(arg, "-") {
			file := strings.HasSuffix(arg, ".go")
			if name == "run" && len(l.packages) > 0 && !file {
				break // the first argument behind a list of files
			}
			if name == "test" && len(l.packages) > 0 && last < i-1 {
				continue
			}
			l.packages, last = append(l.packages, arg), i
			if name == "run" && !file {
				break
			}
			continue
		}
		if name == "run" && len(l.packages) > 0 {
			break
		}
		flag, value, inline := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		flag = strings.TrimPrefix(flag, "test.")
		// What is a number to go vet stands alone for the others.
		if !inline && (slices.Contains(valueFlags, flag) || name == "vet" && flag == "c") && i+1 < len(args) {
			i++
			value = args[i]
		}
		switch l.note(flag, value); {
		case flag == "C" && arg == args[0]:
			l.first, l.keys = i+1, i+1
		case flag == "gcflags":
			l.keys = i + 1
		}
	}
	if len(l.packages) == 0 {
		l.packages = []string{"."}
	}
	return l
}

// goFlags returns what the go command adds to every command line.
func goFlags(name, dir string) (goLine, error) {
	cmd := exec.Command("go", "env", "GOFLAGS")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return goLine{}, fmt.Errorf("asking the go command for GOFLAGS: %w", err)
	}
	var flags []string
	for _, m := range quoted.FindAllStringSubmatch(string(out), -1) {
		flags = append(flags, m[1]+m[2]+m[3])
	}
	return parseGoLine(name, flags), nil
}

// quoted matches a flag in GOFLAGS, without the quotes around it: cmd/internal/quoted.
var quoted = regexp.MustCompile(`'([^']*)'|"([^"]*)"|(\S+)`)

// goCommand runs the go command on instrumented copies.
func (c *command) goCommand(name string, args []string) (int, error) {
	line := parseGoLine(name, args)
	always, err := goFlags(name, line.dir)
	if err != nil {
		return exitFailure, err
	}
	if line.overlay || always.overlay {
		return exitUsage, errors.New("the go command takes one -overlay only, and that is ours")
	}
	c.Patterns, c.Dir = line.packages, line.dir
	c.BuildFlags = append(c.BuildFlags, line.files...)
	c.Deps = true
	// The cover tool is given the original files, whatever the overlay says:
	// golang.org/issue/73802.
	if c.deps != "" || c.Std || line.cover || always.cover && !line.noCover {
		return c.toolexecCommand(name, args, line, always)
	}
	data, cache, err := c.makeOverlay()
	if err != nil {
		return exitFailure, err
	}
	file, remove, err := instrument.Temp(cache)
	if err != nil {
		return exitFailure, err
	}
	defer remove()
	_, err = file.Write(data)
	if err := errors.Join(err, file.Close()); err != nil {
		return exitFailure, err
	}
	return c.exec(c.goArgs(name, args, line, "-overlay="+file.Name()))
}

// goArgs returns the arguments of a go command with flags of ours, which stand
// before its own.
func (c *command) goArgs(name string, args []string, line goLine, ours ...string) []string {
	if c.tags != "" {
		ours = append(ours, "-tags="+c.tags)
	}
	return slices.Concat([]string{name}, args[:line.first], ours, args[line.first:])
}

// exec runs the go command as if it had been called directly.
func (c *command) exec(args []string) (int, error) {
	cmd := exec.Command("go", args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, c.stdout, c.stderr
	stop := instrument.CatchEndings()
	defer signal.Stop(stop)
	if err := cmd.Start(); err != nil {
		return exitFailure, fmt.Errorf("running the go command: %w", err)
	}
	ended := make(chan struct{})
	defer close(ended)
	go passOn(stop, cmd.Process, ended)
	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), exitFailure), nil // a signal has no code
	}
	if err != nil {
		return exitFailure, fmt.Errorf("running the go command: %w", err)
	}
	return exitOK, nil
}

// passOn passes signals on to the go command, for whose end we wait. An interrupt comes
// from the terminal, which sends it to both.
func passOn(signals <-chan os.Signal, p *os.Process, ended <-chan struct{}) {
	for {
		select {
		case s := <-signals:
			if s != os.Interrupt {
				p.Signal(s)
			}
		case <-ended:
			return
		}
	}
}

// makeOverlay instruments into the cache, and returns the overlay's JSON and the cache.
func (c *command) makeOverlay() ([]byte, string, error) {
	res, cache, err := c.copies()
	if err != nil {
		return nil, "", err
	}
	data, err := instrument.Overlay(append(res.Files, res.Required...), cache)
	return data, cache, err
}

// copies returns what is to be copied, and the directory for the copies.
func (c *command) copies() (*instrument.Result, string, error) {
	cache, err := cacheDir()
	if err != nil {
		return nil, "", err
	}
	if c.deps != "" {
		if c.Scope, err = instrument.ParseScope(c.deps); err != nil {
			return nil, "", fmt.Errorf("-deps: %w", err)
		}
	}
	c.SameLine = true
	if !c.verbose {
		c.Cache = cache // what is remembered there has no reasons
	}
	done := c.progress()
	res, err := instrument.Instrument(c.Options)
	done()
	if err != nil {
		return nil, "", err
	}
	c.explain(res)
	return res, cache, nil
}

// showCopies serves -copies.
func (c *command) showCopies() (int, error) {
	c.Deps = true
	res, cache, err := c.copies()
	if err != nil {
		return exitFailure, err
	}
	files := append(res.Files, res.Required...)
	copies, err := instrument.Copies(files, cache)
	if err != nil {
		return exitFailure, err
	}
	for _, f := range files {
		fmt.Fprintf(c.stdout, "%s\t%s\n", relative(f.Name), copies[f.Name])
	}
	return exitOK, nil
}

// cacheDir is where the instrumented copies are.
func cacheDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding a place for instrumented copies: %w; set XDG_CACHE_HOME", err)
	}
	return filepath.Join(cache, "gvinstrument"), nil
}

// writeOverlay serves -overlay.
func (c *command) writeOverlay() (int, error) {
	c.Deps = true
	data, _, err := c.makeOverlay()
	if err == nil {
		err = os.WriteFile(c.overlay, data, 0o666)
	}
	if err != nil {
		return exitFailure, err
	}
	return exitOK, nil
}
