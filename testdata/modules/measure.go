package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A result is what was found out about a module.
type result struct {
	module
	loops, covered, inserted int
	exempt                   map[string]int
	passed, lost             int      // tests that passed before, and no longer do
	lostNames                []string // which
	removal                  string   // "exact", or the first file that differs
	variants                 []*variant
	trials                   []trial
}

// A variant is a copy of a module, and its benchmarks.
type variant struct {
	name, dir    string
	host         string // the module that depends on it, "" for none
	instrumented bool
	env          []string
	broken       error // what a benchmark failed with
	pairs        map[string]pair
	times        map[string]float64 // nanoseconds an operation
	gaps         histogram
}

// unchanged is the name of the variant that is plain once more.
const unchanged = "unchanged"

func progress(m module, format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s %s: %s\n", time.Now().Format(time.TimeOnly), m.Path, fmt.Sprintf(format, args...))
}

func (c *config) measure(ctx context.Context, m module) (*result, error) {
	if len(m.Packages) == 0 {
		m.Packages = []string{"./..."}
	}
	if len(m.Instrument) == 0 {
		m.Instrument = []string{"./..."}
	}
	progress(m, "copying %s", m.Version)
	r := &result{module: m, exempt: map[string]int{}}
	plain, err := c.copy(ctx, m, "plain")
	if err != nil {
		return nil, err
	}
	r.variants = append(r.variants, &variant{name: "plain", dir: plain})
	if c.bench {
		r.variants = append(r.variants, &variant{name: unchanged, dir: plain})
	}
	var first *variant
	for i, p := range c.policies {
		dir, err := c.copy(ctx, m, p)
		if err != nil {
			return nil, err
		}
		v := &variant{name: p, dir: dir, instrumented: true}
		r.variants = append(r.variants, v)
		if first == nil {
			first = v
		}
		if err := c.instrument(ctx, r, dir, p, i == 0); err != nil {
			return nil, err
		}
	}
	if err := c.checkRemoval(ctx, r, first); err != nil {
		return nil, err
	}
	tested := []*variant{first}
	if c.deps {
		v, err := c.asDependency(ctx, m, plain)
		if err != nil {
			return nil, err
		}
		r.variants = append(r.variants, v)
		tested = append(tested, v)
	}
	if c.tests {
		if err := c.compareTests(ctx, r, tested); err != nil {
			return nil, err
		}
	}
	if c.baseline {
		r.variants = append(r.variants, &variant{name: "preemptibleloops", dir: plain, env: []string{"GOEXPERIMENT=preemptibleloops"}})
	}
	if !c.bench || len(m.Bench) == 0 {
		return r, nil
	}
	if err := c.benchmark(ctx, r); err != nil {
		return nil, err
	}
	if c.gap {
		err = c.measureGaps(ctx, r)
	}
	return r, err
}

// copy makes a writable copy of a module that requires the stub.
func (c *config) copy(ctx context.Context, m module, name string) (string, error) {
	out, err := output(ctx, os.TempDir(), nil, "go", "mod", "download", "-json", m.Path+"@"+m.Version)
	if err != nil {
		return "", err
	}
	var info struct{ Dir string }
	if err := json.Unmarshal([]byte(out), &info); err != nil {
		return "", err
	}
	dir := filepath.Join(c.work, strings.ReplaceAll(m.Path, "/", "_"), name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	if err := copyTree(dir, info.Dir); err != nil {
		return "", err
	}
	stub := filepath.Join(c.root, "testdata", "modules", "stub")
	_, err = output(ctx, dir, nil, "go", "mod", "edit",
		"-require=github.com/gvthread/gvthread@v0.0.0", "-replace=github.com/gvthread/gvthread="+stub)
	return dir, err
}

func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o777)
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o666)
	})
}

func (c *config) toolArgs(m module, flags ...string) []string {
	if m.Tags != "" {
		flags = append(flags, "-tags="+m.Tags)
	}
	return append(flags, m.Instrument...)
}

// instrument goes over a copy, and counts the back-edges.
func (c *config) instrument(ctx context.Context, r *result, dir, policy string, count bool) error {
	progress(r.module, "instrumenting, policy %s", policy)
	if count {
		out, err := output(ctx, dir, nil, c.tool, c.toolArgs(r.module, "-q", "-json", "-policy="+policy)...)
		if err != nil {
			return err
		}
		for line := range strings.Lines(out) {
			var row struct{ Decision, Class string }
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				return err
			}
			r.loops++
			switch row.Decision {
			case "covered":
				r.covered++
			case "missing":
				r.inserted++
			default:
				r.exempt[row.Class]++
			}
		}
	}
	if _, err := output(ctx, dir, nil, c.tool, c.toolArgs(r.module, "-q", "-policy="+policy)...); err != nil {
		return err
	}
	again, err := output(ctx, dir, nil, c.tool, c.toolArgs(r.module, "-q", "-l", "-policy="+policy)...)
	if err == nil && again != "" {
		err = fmt.Errorf("a second run changes more files: %s", again)
	}
	return err
}

// checkRemoval takes the safepoints out of a copy of the copy.
func (c *config) checkRemoval(ctx context.Context, r *result, v *variant) error {
	plain, dir := r.variants[0].dir, v.dir
	undone := dir + "-removed"
	if err := copyTree(undone, dir); err != nil {
		return err
	}
	if _, err := output(ctx, undone, nil, c.tool, c.toolArgs(r.module, "-q", "-remove")...); err != nil {
		return err
	}
	r.removal = "exact"
	return filepath.WalkDir(plain, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(plain, name)
		if err != nil {
			return err
		}
		a, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(filepath.Join(undone, rel))
		if err != nil {
			return err
		}
		if !bytes.Equal(a, b) {
			r.removal = "differs: " + rel
		}
		return nil
	})
}

// compareTests runs the module's tests before and after.
func (c *config) compareTests(ctx context.Context, r *result, after []*variant) error {
	progress(r.module, "testing before")
	before, err := c.test(ctx, r.module, r.variants[0])
	if err != nil {
		return err
	}
	r.passed = len(before)
	for _, v := range after {
		passed := map[string]bool{}
		// Tests that depend on the time may fail by chance, before as after: those that
		// are lost get two more chances.
		for range 3 {
			progress(r.module, "testing %s", v.name)
			again, err := c.test(ctx, r.module, v)
			if err != nil {
				return err
			}
			if maps.Copy(passed, again); !lost(before, passed) {
				break
			}
		}
		for name := range before {
			if !passed[name] {
				r.lost++
				r.lostNames = append(r.lostNames, name+" ("+v.name+")")
			}
		}
	}
	return nil
}

// lost tells whether a test passed before and not after.
func lost(before, after map[string]bool) bool {
	for name := range before {
		if !after[name] {
			return true
		}
	}
	return false
}

// test returns the tests that pass.
func (c *config) test(ctx context.Context, m module, v *variant) (map[string]bool, error) {
	dirs, paths, err := c.packages(ctx, m, v, m.Tags)
	if err != nil {
		return nil, err
	}
	passed := map[string]bool{}
	for i, dir := range dirs {
		in, env, command := c.goTest(m, v, dir, paths[i], "-json", "-short", "-vet=off", "-tags="+m.Tags)
		out, e := output(ctx, in, env, command[0], command[1:]...)
		for line := range strings.Lines(out) {
			var e struct{ Action, Package, Test string }
			if json.Unmarshal([]byte(line), &e) == nil && e.Action == "pass" && e.Test != "" {
				passed[e.Package+"."+e.Test] = true
			}
		}
		if e != nil {
			err = e
		}
	}
	if err != nil && len(passed) == 0 {
		return nil, err // not one test ran; failures alone are compared
	}
	return passed, nil
}
