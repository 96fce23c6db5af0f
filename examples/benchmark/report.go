package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	goruntime "runtime"
	"strings"
	"text/tabwriter"
)

// printTable writes the results for people.
func printTable(w io.Writer, results []result, o options) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight|tabwriter.TabIndent)
	fmt.Fprintln(t, "row\tgv\t\tgo\t\tratio\tunit\t")
	higher := false
	for _, r := range results {
		if r.absent != nil {
			continue
		}
		unit := r.unit
		if r.higher {
			higher = true
			unit += " *"
		}
		fmt.Fprintf(t, "%s\t%s\t±%.0f%%\t%s\t±%.0f%%\t%.2f\t%s\t\n", r.name,
			short(r.value(sideThreads, 0)), 100*r.spread(sideThreads),
			short(r.value(sideGoroutines, 0)), 100*r.spread(sideGoroutines), r.ratio(0), unit)
		for i, label := range r.more {
			fmt.Fprintf(t, "%s\t%s\t\t%s\t\t%.2f\t%s\t\n", label,
				short(r.value(sideThreads, i+1)), short(r.value(sideGoroutines, i+1)), r.ratio(i+1), unit)
		}
	}
	t.Flush()
	fmt.Fprintf(w, "\nMedians of %d rounds of %v, and half of what lies between the least and the greatest. Below 1 gv is better", o.Rounds, o.Turn)
	if higher {
		fmt.Fprint(w, ",\nabove 1 in rows with a *")
	}
	fmt.Fprintln(w, ".")
	for _, r := range results {
		if r.absent != nil {
			fmt.Fprintf(w, "%s: %v\n", r.name, r.absent)
		}
	}
}

// printBenchfmt writes each turn in the format of Go's benchmarks.
func printBenchfmt(w io.Writer, results []result) {
	fmt.Fprintf(w, "goos: %s\ngoarch: %s\npkg: github.com/gvthread/gvthread/examples/benchmark\n", goruntime.GOOS, goruntime.GOARCH)
	for _, r := range results {
		unit := strings.ReplaceAll(r.unit, " ", "-")
		for _, side := range []string{sideThreads, sideGoroutines} {
			for _, v := range r.turns[side] {
				fmt.Fprintf(w, "Benchmark%s/side=%s 1 %v %s", strings.ToUpper(r.name[:1])+r.name[1:], side, v[0], unit)
				for i, label := range r.more {
					fmt.Fprintf(w, " %v %s-%s", v[i+1], label, unit)
				}
				fmt.Fprintln(w)
			}
		}
	}
}

// saveJSON writes the results to a file: an object for each row, by its name. Rows that
// were not measured are missing.
func saveJSON(name string, results []result) error {
	all := map[string]map[string]any{}
	for _, r := range results {
		if r.absent != nil {
			continue
		}
		o := map[string]any{
			"gv": r.value(sideThreads, 0), "go": r.value(sideGoroutines, 0), "ratio": r.ratio(0), "unit": r.unit,
			"gv_spread": r.spread(sideThreads), "go_spread": r.spread(sideGoroutines),
		}
		for i, label := range r.more {
			o["gv_"+label] = r.value(sideThreads, i+1)
			o["go_"+label] = r.value(sideGoroutines, i+1)
			o["ratio_"+label] = r.ratio(i + 1)
		}
		all[r.name] = o
	}
	data, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	return os.WriteFile(name, append(data, '\n'), 0o666)
}
