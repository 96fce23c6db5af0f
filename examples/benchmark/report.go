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
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "row\tgv\t\tgo\t\tgv/go\tunit\t")
	for _, r := range results {
		if r.absent == nil {
			printRow(t, r)
		}
	}
	t.Flush()
	fmt.Fprintf(w, "\nMedians of %d rounds of %v; ± is half of what lies between the least and the greatest.\n"+
		"Of gv/go, less is better; in rows with a *, more. README.md says what the rows are.\n", o.Rounds, o.Turn)
	for _, r := range results {
		if r.absent != nil {
			fmt.Fprintf(w, "%s: %v\n", r.name, r.absent)
		}
	}
}

// printRow writes the lines of a row: its own value, and one for each of the others.
func printRow(w io.Writer, r result) {
	unit := r.unit
	if r.higher {
		unit += " *"
	}
	line := func(name string, i int, spread func(side string) string) {
		fmt.Fprint(w, name)
		for _, side := range []string{sideThreads, sideGoroutines} {
			fmt.Fprintf(w, "\t%s\t%s", amount(r.value(side, i), r.unit), spread(side))
		}
		fmt.Fprintf(w, "\t%s\t%s\t\n", short(r.ratio(i)), unit)
	}
	line(r.name, 0, func(side string) string { return fmt.Sprintf("±%.0f%%", 100*r.spread(side)) })
	for i, label := range r.more {
		line(label, i+1, func(string) string { return "" })
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
