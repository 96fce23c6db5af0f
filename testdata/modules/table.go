package main

import (
	"fmt"
	"math"
	"sort"
	"strings"
)

// printTables prints what was found out, and fails if a test was lost or a removal
// was not exact.
func printTables(results []*result, c config) error {
	fmt.Printf("| module | back-edges | inserted | covered | exempt | tests | lost | removal |\n|---|---|---|---|---|---|---|---|\n")
	var bad []string
	for _, r := range results {
		fmt.Printf("| %s %s | %d | %d | %d | %s | %d | %d | %s |\n", r.Path, r.Version, r.loops, r.inserted, r.covered, classes(r.exempt), r.passed, r.lost, r.removal)
		if r.lost > 0 {
			sort.Strings(r.lostNames)
			bad = append(bad, fmt.Sprintf("%s lost %s", r.Path, strings.Join(r.lostNames, ", ")))
		}
		if r.removal != "exact" {
			bad = append(bad, fmt.Sprintf("%s: -remove is not exact: %s", r.Path, r.removal))
		}
	}
	if c.bench {
		printBenchmarks(results)
		if c.each {
			printEach(results)
		}
	}
	if c.gap {
		printGaps(results)
	}
	if len(bad) > 0 {
		return fmt.Errorf("%s", strings.Join(bad, "\n"))
	}
	return nil
}

func classes(m map[string]int) string {
	var out []string
	for k, n := range m {
		out = append(out, fmt.Sprintf("%d %s", n, k))
	}
	sort.Strings(out)
	return strings.Join(out, ", ")
}

func printBenchmarks(results []*result) {
	fmt.Printf("\n| module | variant | benchmarks | geomean | worst |\n|---|---|---|---|---|\n")
	all := map[string][]float64{}
	worst := map[string]slowest{}
	var order []string
	for _, r := range results {
		for _, v := range r.variants[1:] {
			if v.broken != nil {
				message, _, _ := strings.Cut(v.broken.Error(), "\n")
				fmt.Printf("| %s | %s | 0 | fails: %s | |\n", r.Path, v.name, message)
			}
			if len(v.times) == 0 {
				continue
			}
			var logs []float64
			var w slowest
			for name, t := range v.times {
				base, ok := r.variants[0].times[name]
				if !ok || base <= 0 || t <= 0 {
					continue
				}
				logs = append(logs, math.Log(t/base))
				w = w.or(slowest{r.Path + " " + name, t / base, r.variants[1].times[name] / base})
			}
			if all[v.name] == nil {
				order = append(order, v.name)
			}
			all[v.name] = append(all[v.name], logs...)
			worst[v.name] = worst[v.name].or(w)
			fmt.Printf("| %s | %s | %d | %+.1f%% | %s |\n", r.Path, v.name, len(logs), percent(logs), w)
		}
	}
	for _, name := range order {
		fmt.Printf("| **all** | %s | %d | %+.1f%% | %s |\n", name, len(all[name]), percent(all[name]), worst[name])
	}
}

// printEach prints the slow-down of every benchmark.
func printEach(results []*result) {
	for _, r := range results {
		if len(r.trials) == 0 {
			continue
		}
		fmt.Printf("\n| %s | ns/op", r.Path)
		for _, v := range r.variants[1:] {
			fmt.Printf(" | %s", v.name)
		}
		fmt.Printf(" |\n|---|%s\n", strings.Repeat("---|", len(r.variants)))
		for _, t := range r.trials {
			base := r.variants[0].times[t.key()]
			fmt.Printf("| %s | %.4g", t.name, base)
			for _, v := range r.variants[1:] {
				if v.broken != nil {
					fmt.Print(" | -")
					continue
				}
				fmt.Printf(" | %+.1f%%", (v.times[t.key()]/base-1)*100)
			}
			fmt.Println(" |")
		}
	}
}

// A slowest is a benchmark and how much longer it takes than before. noise is the same of the
// unchanged program, once more.
type slowest struct {
	name         string
	ratio, noise float64
}

func (s slowest) or(t slowest) slowest {
	if t.ratio > s.ratio {
		return t
	}
	return s
}

func (s slowest) String() string {
	return fmt.Sprintf("%+.1f%% %s (unchanged: %+.1f%%)", (s.ratio-1)*100, s.name[strings.LastIndexByte(s.name, ' ')+1:], (s.noise-1)*100)
}

func percent(logs []float64) float64 {
	sum := 0.0
	for _, l := range logs {
		sum += l
	}
	return (math.Exp(sum/float64(len(logs))) - 1) * 100
}

func printGaps(results []*result) {
	fmt.Printf("\n| module | variant | safepoints | p50 | p99 | p99.9 | max |\n|---|---|---|---|---|---|---|\n")
	all := map[string]histogram{}
	var order []string
	row := func(module, variant string, h histogram) {
		total := uint64(0)
		for _, n := range h {
			total += n
		}
		fmt.Printf("| %s | %s | %d | %s | %s | %s | %s |\n", module, variant, total,
			micro(h.quantile(0.5)), micro(h.quantile(0.99)), micro(h.quantile(0.999)), micro(h.max()))
	}
	for _, r := range results {
		for _, v := range r.variants {
			if v.gaps == nil {
				continue
			}
			row(r.Path, v.name, v.gaps)
			if all[v.name] == nil {
				order = append(order, v.name)
				all[v.name] = make(histogram, len(v.gaps))
			}
			for i, n := range v.gaps {
				all[v.name][i] += n
			}
		}
	}
	for _, name := range order {
		row("**all**", name, all[name])
	}
}

func micro(ns float64) string { return fmt.Sprintf("%.3g µs", ns/1000) }
