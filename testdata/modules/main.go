// Modules instruments well-known modules, pinned by version in modules.json, and
// shows that they still do what they did, and what it costs.
//
//	go run ./testdata/modules -tests -bench -gap
//
// Each module is copied out of the module cache, with a stub in place of the
// runtime package, and the gvinstrument of this tree goes over the copy. Tests are
// the module's own, run before and after: what passed must still pass. Benchmarks
// are the module's own too: the least processor time of several rounds, which the
// variants take in turns, linked in another layout for each round. One of them, "unchanged", is the unchanged program once
// more: how far it seems to be from itself tells how much to believe of the rest. A
// gap is the time between two safepoints while they run.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

//go:embed modules.json
var list []byte

// A module is an entry of modules.json.
type module struct {
	Path, Version string
	Tags          string
	Instrument    []string // packages to instrument; ./... if empty
	Packages      []string // packages to test; ./... if empty
	Bench         []string // names of benchmarks
}

// config holds the flags.
type config struct {
	tests, bench, gap, baseline, each, tree, deps bool
	modules                                       *regexp.Regexp
	policies                                      []string
	rounds                                        int
	benchtime                                     time.Duration
	work, root, tool                              string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "modules:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var c config
	var only, policies string
	flag.BoolVar(&c.tests, "tests", false, "run the modules' tests before and after")
	flag.BoolVar(&c.bench, "bench", false, "run the modules' benchmarks before and after")
	flag.BoolVar(&c.gap, "gap", false, "with -bench, also measure the time between two safepoints")
	flag.BoolVar(&c.baseline, "baseline", false, "with -bench, also measure GOEXPERIMENT=preemptibleloops")
	flag.BoolVar(&c.deps, "deps", false, "also test and measure each module as a dependency of another, with the first policy")
	flag.BoolVar(&c.each, "each", false, "with -bench, also print every benchmark")
	flag.BoolVar(&c.tree, "tree", false, "only measure the time and memory that the instrumenter takes for all modules together")
	flag.StringVar(&only, "modules", "", "only modules whose path matches this `pattern`")
	flag.StringVar(&policies, "policies", "default", "comma-separated policies; the first one is tested")
	flag.IntVar(&c.rounds, "rounds", 24, "rounds of benchmarks, each with another layout of the code")
	flag.DurationVar(&c.benchtime, "benchtime", 10*time.Millisecond, "time for a benchmark in a round; four times that is run too")
	flag.Parse()
	c.policies = strings.Split(policies, ",")
	var err error
	if c.modules, err = regexp.Compile(only); err != nil {
		return err
	}
	if c.work, err = os.MkdirTemp("", "gvmodules-"); err != nil {
		return err
	}
	defer os.RemoveAll(c.work)
	if c.root, err = output(ctx, "", nil, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/gvthread/gvthread"); err != nil {
		return err
	}
	c.tool = filepath.Join(c.work, "gvinstrument")
	if _, err := output(ctx, c.root, nil, "go", "build", "-o", c.tool, "./cmd/gvinstrument"); err != nil {
		return err
	}
	var modules []module
	if err := json.Unmarshal(list, &modules); err != nil {
		return err
	}
	modules = slices.DeleteFunc(modules, func(m module) bool { return !c.modules.MatchString(m.Path) })
	if c.tree {
		return c.measureTree(ctx, modules)
	}
	var results []*result
	var failed error
	for _, m := range modules {
		r, err := c.measure(ctx, m)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", m.Path, err))
			continue
		}
		results = append(results, r)
	}
	return errors.Join(failed, printTables(results, c))
}

// output runs a command and returns what it prints, without the newline.
func output(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}
