// Limits runs threads in processes that are refused something: system calls, a
// /proc, memory, processors, OS threads, or a quota that changes. Each must say in its Capabilities what
// it goes without, and work. It ends with 1 where one doesn't.
//
//	go run ./testdata/limits            # all cases
//	go run ./testdata/limits noproc     # some
//
// A case that this machine can't set up, as where it needs root, is skipped.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// A limit is one case.
type limit struct {
	name string
	// env is added to the environment.
	env []string
	// start changes how the process is started, or says why it can't be. undo
	// also says whether the process met its limit.
	start func(*exec.Cmd) (undo func() error, err error)
	// restrict is called in the process, before it starts anew; nil for nothing.
	restrict func() error
	// work is what the process does then, and its exit code; nil for work.
	work func() int
	// want must be in what it reports.
	want []string
}

// The environment variables of the processes that Limits starts: the case, and,
// once it has restricted itself, that it has.
const (
	caseEnv  = "GV_LIMIT"
	readyEnv = "GV_LIMIT_READY"
)

// skipCode is the exit code of a process that could not restrict itself.
const skipCode = 77

// patience is how long a case may take: with a tenth of an emulated core, up to half of it.
const patience = time.Minute

func main() {
	name := os.Getenv(caseEnv)
	switch {
	case name == "":
		os.Exit(runCases(os.Args[1:]))
	}
	i := slices.IndexFunc(limits, func(l limit) bool { return l.name == name })
	if os.Getenv(readyEnv) != "" {
		if limits[i].work == nil {
			limits[i].work = work
		}
		os.Exit(limits[i].work())
	}
	if err := restart(limits[i].restrict); err != nil {
		fmt.Println(err)
		os.Exit(skipCode)
	}
}

// runCases runs the cases of the given names, or all.
func runCases(names []string) (code int) {
	for _, l := range limits {
		if len(names) > 0 && !slices.Contains(names, l.name) {
			continue
		}
		out, err := l.run()
		var exit *exec.ExitError
		switch {
		case errors.Is(err, errSkip), errors.As(err, &exit) && exit.ExitCode() == skipCode:
			fmt.Printf("skip %-14s %v %s\n", l.name, err, out)
			continue
		case err == nil:
			for _, want := range l.want {
				if !strings.Contains(out, want) {
					err = fmt.Errorf("the report lacks %q", want)
				}
			}
		}
		if err != nil {
			code = 1
			fmt.Printf("FAIL %s: %v\n%.4000s\n", l.name, err, out)
			continue
		}
		fmt.Printf("ok   %-14s %s\n", l.name, out)
	}
	return code
}

var errSkip = errors.New("can't be set up here")

// run starts a process for l.
func (l limit) run() (output string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errors.New("it hangs"))
	defer cancel()
	cmd := exec.CommandContext(ctx, self)
	cmd.Cancel = func() error { return hangUp(cmd.Process) }
	cmd.WaitDelay = time.Second
	cmd.Env = append(append(os.Environ(), l.env...), caseEnv+"="+l.name)
	if l.start != nil {
		undo, errStart := l.start(cmd)
		if errStart != nil {
			return "", fmt.Errorf("%w: %w", errSkip, errStart)
		}
		defer func() { err = errors.Join(err, undo()) }()
	}
	out, err := cmd.CombinedOutput()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return string(bytes.TrimSpace(out)), err
}
