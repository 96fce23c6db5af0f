package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A binary is a compiled test of a package.
type testBinary struct{ file, dir string }

// compile builds the tests of all packages of a variant.
//
// Tight loops take up to three times as long where they happen to straddle a line
// of the instruction cache, so any change of a program seems to make some of its
// loops faster and others slower. A layout other than 0 is a shuffled one, with
// functions at any address: over many layouts every loop comes to lie well once.
func (c *config) compile(ctx context.Context, m module, v *variant, tags string, layout int) ([]testBinary, error) {
	ldflags := ""
	if layout != 0 {
		ldflags = fmt.Sprintf("-randlayout=%d -funcalign=1", layout)
	}
	dirs, paths, err := c.packages(ctx, m, v, tags)
	if err != nil {
		return nil, err
	}
	var bins []testBinary
	for i, dir := range dirs {
		file := fmt.Sprintf("%s-%s-%d%s.test", v.dir, v.name, i, strings.ReplaceAll(tags, ",", "-"))
		in, env, command := c.goTest(m, v, dir, paths[i], "-c", "-vet=off", "-tags="+tags, "-ldflags="+ldflags, "-o", file)
		if _, err := output(ctx, in, env, command[0], command[1:]...); err != nil {
			return nil, err
		}
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			continue // no tests in the package
		}
		bins = append(bins, testBinary{file, dir})
	}
	return bins, nil
}

func (m module) benchPattern() string {
	var names []string
	for _, b := range m.Bench {
		name, _, _ := strings.Cut(b, "/")
		names = append(names, regexp.QuoteMeta(name))
	}
	return "^Benchmark(" + strings.Join(names, "|") + ")$"
}

// wants tells whether a benchmark with sub-benchmarks is listed.
func (m module) wants(name string) bool {
	for _, b := range m.Bench {
		if name == b || !strings.Contains(b, "/") && strings.HasPrefix(name, b+"/") || strings.HasPrefix(name, b) && strings.Contains(b, "/") {
			return true
		}
	}
	return false
}

var benchLine = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op`)

// maxSubs is how many sub-benchmarks of a benchmark are measured.
const maxSubs = 4

// A trial is a benchmark that every variant runs, n operations at least.
type trial struct {
	binary int
	name   string
	n      int
}

func (t trial) key() string { return fmt.Sprintf("%d.%s", t.binary, t.name) }

// benchmark runs all variants in turns, each round in another layout.
//
// What counts is the processor time of a process that runs many operations, less
// that of one that runs few, so that set-up, start-up and a busy machine count
// for little.
func (c *config) benchmark(ctx context.Context, r *result) error {
	for _, v := range r.variants {
		v.times, v.pairs = map[string]float64{}, map[string]pair{}
	}
	bins, err := c.compile(ctx, r.module, r.variants[0], r.Tags, 0)
	if err != nil {
		return err
	}
	if err := c.findTrials(ctx, r, bins); err != nil {
		return err
	}
	for round := range c.rounds {
		progress(r.module, "%d benchmarks, round %d of %d", len(r.trials), round+1, c.rounds)
		bins := map[*variant][]testBinary{}
		for i, v := range r.variants {
			if bins[v], err = c.compile(ctx, r.module, v, r.Tags, 1+round*len(r.variants)+i); err != nil {
				return err
			}
		}
		for _, t := range r.trials {
			for _, i := range rand.Perm(len(r.variants)) {
				v := r.variants[i]
				if v.broken != nil {
					continue
				}
				err := c.runTrial(ctx, v, bins[v][t.binary], t)
				if err != nil && len(v.env) > 0 {
					// That is the compiler's experiment, not us.
					v.broken, v.times = err, nil
					continue
				}
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// findTrials finds the listed benchmarks, and how many operations take benchtime.
func (c *config) findTrials(ctx context.Context, r *result, bins []testBinary) error {
	for i, b := range bins {
		text, err := output(ctx, b.dir, []string{"GOMAXPROCS=1"}, b.file, "-test.run=^$", "-test.bench="+r.benchPattern(),
			"-test.benchtime=5ms", "-test.short", "-test.timeout=10m")
		if err != nil {
			return err
		}
		subs := map[string]int{}
		for line := range strings.Lines(text) {
			m := benchLine.FindStringSubmatch(line)
			if m == nil || !r.wants(m[1]) {
				continue
			}
			top, _, _ := strings.Cut(m[1], "/")
			if subs[top]++; subs[top] > maxSubs {
				continue
			}
			ns, err := strconv.ParseFloat(m[2], 64)
			if err != nil {
				return err
			}
			r.trials = append(r.trials, trial{i, m[1], max(1, int(float64(c.benchtime)/max(ns, 0.1)))})
		}
	}
	return nil
}

// runTrial measures one benchmark of one variant.
func (c *config) runTrial(ctx context.Context, v *variant, b testBinary, t trial) error {
	few, err := cpuTime(ctx, b, t, t.n)
	if err != nil {
		return err
	}
	many, err := cpuTime(ctx, b, t, 4*t.n)
	if err != nil {
		return err
	}
	// The least of each counts, not the least difference: that would favour rounds
	// in which something disturbed the shorter run.
	key := t.key()
	p, ok := v.pairs[key]
	if !ok {
		p = pair{few, many}
	}
	p = pair{min(p.few, few), min(p.many, many)}
	v.pairs[key] = p
	v.times[key] = float64(p.many-p.few) / float64(3*t.n)
	return nil
}

// A pair holds the least times of a run with few operations and of one with many.
type pair struct{ few, many time.Duration }

// cpuTime returns the processor time of n operations, and all that goes with them.
func cpuTime(ctx context.Context, b testBinary, t trial, n int, env ...string) (time.Duration, error) {
	var parts []string
	for _, p := range strings.Split(t.name, "/") {
		parts = append(parts, "^"+regexp.QuoteMeta(p)+"$")
	}
	cmd := exec.CommandContext(ctx, b.file, "-test.run=^$", "-test.bench=^Benchmark"+strings.Join(parts, "/")[1:], fmt.Sprintf("-test.benchtime=%dx", n), "-test.short", "-test.timeout=10m")
	cmd.Dir, cmd.Env = b.dir, append(append(os.Environ(), "GOMAXPROCS=1"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// A histogram counts gaps: see stub/runtime/gap.go for the buckets.
type histogram []uint64

// measureGaps runs the benchmarks of the instrumented variants with a safepoint
// that looks at the clock.
func (c *config) measureGaps(ctx context.Context, r *result) error {
	for _, v := range r.variants {
		if !v.instrumented {
			continue
		}
		progress(r.module, "gaps of %s", v.name)
		tags := strings.TrimPrefix(r.Tags+",gvgap", ",")
		bins, err := c.compile(ctx, r.module, v, tags, 0)
		if err != nil {
			return err
		}
		file := filepath.Join(c.work, "gaps")
		os.Remove(file) // of the variant before
		for _, t := range r.trials {
			if _, err := cpuTime(ctx, bins[t.binary], t, 4*t.n, "GVGAP="+file); err != nil {
				return err
			}
		}
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // nothing was inserted
		}
		if err != nil {
			return err
		}
		for ; len(data) >= 8; data = data[8:] {
			v.gaps = append(v.gaps, binary.NativeEndian.Uint64(data))
		}
	}
	return nil
}

// quantile returns a gap in nanoseconds that no more than 1-q of all exceed.
func (h histogram) quantile(q float64) float64 {
	total := uint64(0)
	for _, n := range h {
		total += n
	}
	if total == 0 {
		return math.NaN()
	}
	seen := uint64(0)
	for i, n := range h {
		seen += n
		if float64(seen) >= q*float64(total) {
			return upperEnd(i)
		}
	}
	return math.NaN()
}

// upperEnd returns the end of a bucket.
func upperEnd(i int) float64 {
	if i < 8 {
		return float64(i + 1)
	}
	return float64(8+i%8+1) * math.Exp2(float64(i/8-1))
}

func (h histogram) max() float64 {
	for i := len(h) - 1; i >= 0; i-- {
		if h[i] > 0 {
			return upperEnd(i)
		}
	}
	return math.NaN()
}
