package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// A binary is a compiled test of a package.
type testBinary struct{ file, dir string }

// compile builds the tests of all packages of a variant.
func (c *config) compile(ctx context.Context, m module, v *variant, tags string) ([]testBinary, error) {
	out, err := output(ctx, v.dir, v.env, "go", append([]string{"list", "-tags=" + tags, "-f", "{{.Dir}}"}, m.Packages...)...)
	if err != nil {
		return nil, err
	}
	var bins []testBinary
	for i, dir := range strings.Fields(out) {
		file := fmt.Sprintf("%s-%s-%d%s.test", v.dir, v.name, i, strings.ReplaceAll(tags, ",", "-"))
		if _, err := output(ctx, dir, v.env, "go", "test", "-c", "-vet=off", "-tags="+tags, "-o", file, "."); err != nil {
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

// benchmark runs all variants in turns.
func (c *config) benchmark(ctx context.Context, r *result) error {
	bins := map[*variant][]testBinary{}
	for _, v := range r.variants {
		progress(r.module, "compiling %s", v.name)
		var err error
		if bins[v], err = c.compile(ctx, r.module, v, r.Tags); err != nil {
			return err
		}
		v.times = map[string]float64{}
	}
	for round := range c.rounds {
		progress(r.module, "benchmarks, round %d of %d", round+1, c.rounds)
		for _, i := range rand.Perm(len(r.variants)) {
			v := r.variants[i]
			for n, b := range bins[v] {
				if err := c.runBench(ctx, r, v, n, b); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *config) runBench(ctx context.Context, r *result, v *variant, n int, b testBinary) error {
	out, err := output(ctx, b.dir, []string{"GOMAXPROCS=1"}, b.file, "-test.run=^$", "-test.bench="+r.benchPattern(),
		"-test.benchtime="+c.benchtime, "-test.short", "-test.timeout=10m")
	if err != nil {
		return err
	}
	s := bufio.NewScanner(strings.NewReader(out))
	for s.Scan() {
		m := benchLine.FindStringSubmatch(s.Text())
		if m == nil || !r.wants(m[1]) {
			continue
		}
		t, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			return err
		}
		key := fmt.Sprintf("%d.%s", n, m[1])
		if old, ok := v.times[key]; !ok || t < old {
			v.times[key] = t
		}
	}
	return s.Err()
}

// A histogram counts gaps: see stub/runtime/gap.go for the buckets.
type histogram []uint64

// measureGaps runs the benchmarks of the instrumented variants with a safepoint
// that looks at the clock.
func (c *config) measureGaps(ctx context.Context, r *result) error {
	for _, v := range r.variants {
		if v.name == "plain" || len(v.env) > 0 {
			continue
		}
		progress(r.module, "gaps of %s", v.name)
		tags := strings.TrimPrefix(r.Tags+",gvgap", ",")
		bins, err := c.compile(ctx, r.module, v, tags)
		if err != nil {
			return err
		}
		file := filepath.Join(c.work, "gaps")
		os.Remove(file) // of the variant before
		for _, b := range bins {
			_, err := output(ctx, b.dir, []string{"GOMAXPROCS=1", "GVGAP=" + file}, b.file, "-test.run=^$",
				"-test.bench="+r.benchPattern(), "-test.benchtime="+c.benchtime, "-test.short", "-test.timeout=10m")
			if err != nil {
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
