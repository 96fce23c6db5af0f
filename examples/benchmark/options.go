package main

import (
	"flag"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// engines are those that -engine chooses from.
var engines = []gv.Engine{gv.Auto, gv.Native, gv.Portable}

// options are the command line's.
type options struct {
	Rounds   int
	Turn     time.Duration
	Only     []string // patterns of names; none stands for all rows
	JSON     string   // file for the results, "" for none
	Benchfmt bool
	Engine   gv.Engine
}

// What -quick sets.
const (
	quickRounds = 3
	quickTurn   = 15 * time.Millisecond
)

// parseOptions reads the command line; usage and errors go to w.
func parseOptions(args []string, w io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("benchmark", flag.ContinueOnError)
	f.SetOutput(w)
	f.Usage = func() {
		fmt.Fprint(w, "Usage: benchmark [flags]\n\nMeasures operations of gvthreads beside what they replace in plain Go.\n\n")
		f.PrintDefaults()
	}
	f.IntVar(&o.Rounds, "rounds", 15, "how often each side of a row is measured")
	f.DurationVar(&o.Turn, "turn", 50*time.Millisecond, "how `long` one measurement takes; those of rows that wait take five times as long")
	quick := f.Bool("quick", false, fmt.Sprintf("less than 40 s in all, and less to rely on: -rounds %d -turn %v", quickRounds, quickTurn))
	only := f.String("only", "", "measure the rows that match one of these `patterns` alone, such as yield_2,chan_*")
	f.StringVar(&o.JSON, "json", "", "write the results as JSON to `file`, too")
	f.BoolVar(&o.Benchfmt, "benchfmt", false, "print each measurement in the format of Go's benchmarks, for benchstat, in place of the table")
	engine := f.String("engine", "auto", "`engine` of the threads: auto, native or portable")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q: there are only flags", f.Arg(0))
	}
	if *quick {
		o.Rounds, o.Turn = quickRounds, quickTurn
	}
	if *only != "" {
		o.Only = strings.Split(*only, ",")
	}
	var err error
	o.Engine, err = engineNamed(*engine)
	if err != nil {
		return o, err
	}
	if o.Rounds < 1 {
		return o, fmt.Errorf("-rounds %d: at least 1 is needed", o.Rounds)
	}
	if o.Turn <= 0 {
		return o, fmt.Errorf("-turn %v: it must be above 0", o.Turn)
	}
	return o, nil
}

// engineNamed returns the engine with that name.
func engineNamed(name string) (gv.Engine, error) {
	i := slices.IndexFunc(engines, func(e gv.Engine) bool { return strings.EqualFold(e.String(), name) })
	if i < 0 {
		return 0, fmt.Errorf("-engine %q: use one of auto, native, portable", name)
	}
	return engines[i], nil
}

// choose returns the rows whose names match one of the patterns, all if there is no
// pattern.
func choose(rows []row, patterns []string) ([]row, error) {
	if len(patterns) == 0 {
		return rows, nil
	}
	wanted := map[string]bool{}
	for _, pattern := range patterns {
		found := false
		for _, r := range rows {
			match, err := path.Match(pattern, r.name)
			if err != nil {
				return nil, fmt.Errorf("-only %s: %w", pattern, err)
			}
			if match {
				found, wanted[r.name] = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("-only %s: no row has such a name; README.md lists them", pattern)
		}
	}
	return slices.DeleteFunc(rows, func(r row) bool { return !wanted[r.name] }), nil
}
