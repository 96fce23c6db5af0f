package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// The modes: the same server, with the background work run in different ways.
const (
	modeGoroutines = "goroutines" // plain goroutines
	modeLimited    = "limited"    // goroutines, GOMAXPROCS-1 of which work at a time
	modeNiced      = "niced"      // locked OS threads at nice 19, and two more Ps
	modeIdle       = "idle"       // none
	modeThreads    = "gvthreads"  // Low threads, with the requests in Critical ones
	modeAll        = "all"
	modeBeside     = "beside" // gvthreads in another build of the program
)

var modes = []string{modeGoroutines, modeLimited, modeNiced, modeIdle, modeThreads}

// The kinds of background work.
const (
	workReal = "real" // parse, hash and gzip: library code, preempted by force
	workSpin = "spin" // loops that call nothing: for gvinstrument
)

// The engines that can be asked for.
const (
	engineAuto     = "auto"
	enginePortable = "portable"
)

// options are the command line's.
type options struct {
	Mode     string
	Duration time.Duration // of all turns of a mode
	Turns    int
	Warmup   time.Duration // of each turn
	Rate     float64
	Conns    int
	Threads  int
	Workers  int
	Other    int    // threads of the busy process beside the server
	GOGC     string // of the server, as in the environment
	Matrix   bool   // run the cells of the matrix
	Work     string
	Engine   string
	Source   string // directory of the files
	Beside   string // another build of this program, "" for none
	JSON     string // file for the report, "" for none
}

// turn is how long a turn is measured.
func (o *options) turn() time.Duration { return o.Duration / time.Duration(o.Turns) }

// parseOptions reads the command line; usage and errors go to w.
func parseOptions(args []string, w io.Writer) (options, error) {
	o := options{GOGC: cmp.Or(os.Getenv("GOGC"), "100")}
	f := flag.NewFlagSet("latency", flag.ContinueOnError)
	f.SetOutput(w)
	f.Usage = func() {
		fmt.Fprint(w, `Usage: latency [flags]

Serves HTTP requests beside CPU-heavy background work, with goroutines, with
goroutines and a semaphore, with OS threads at nice 19, and with gvthreads; and
without such work. It compares latency, throughput, and what each way uses.

`)
		f.PrintDefaults()
	}
	f.StringVar(&o.Mode, "mode", modeAll, "run one of "+strings.Join(modes, ", ")+", or all")
	f.DurationVar(&o.Duration, "duration", 9*time.Second, "how `long` each mode is measured, in all its turns")
	f.IntVar(&o.Turns, "turns", 3, "`turns` that each mode takes; the modes alternate")
	f.DurationVar(&o.Warmup, "warmup", 1500*time.Millisecond, "how `long` each turn runs before that: caches fill, the heap finds its size")
	f.Float64Var(&o.Rate, "rate", 200, "`requests` a second")
	f.IntVar(&o.Conns, "conns", 256, "keep-alive `connections` of the load generator")
	f.IntVar(&o.Threads, "threads", 64, "background `threads`, or goroutines")
	f.IntVar(&o.Workers, "workers", runtime.GOMAXPROCS(0), "`workers` of the gvthread runtime, and GOMAXPROCS of the server in all modes")
	f.IntVar(&o.Other, "other", 0, "keep so many `threads` of another process busy beside the server")
	f.BoolVar(&o.Matrix, "matrix", false, "run with GOGC 100 and 800, 200 and 1,000 requests a second, with and without -other 2, and once with -threads 1000")
	f.StringVar(&o.Work, "work", workReal, "background work: "+workReal+" (parse, hash and gzip) or "+workSpin+" (loops only)")
	f.StringVar(&o.Engine, "engine", engineAuto, "engine of gvthread: "+engineAuto+" or "+enginePortable)
	f.StringVar(&o.Source, "source", "", "`directory` of the Go files to work on (default GOROOT/src)")
	f.StringVar(&o.Beside, "beside", "", "compare gvthreads in another build of this program, in `file`, with gvthreads in this one")
	f.StringVar(&o.JSON, "json", "", "write the results as JSON to `file`, too")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q: there are only flags", f.Arg(0))
	}
	if o.Matrix {
		var err error
		f.Visit(func(set *flag.Flag) {
			if slices.Contains([]string{"rate", "threads", "other"}, set.Name) {
				err = fmt.Errorf("-matrix sets -%s itself: leave it out", set.Name)
			}
		})
		if err != nil {
			return o, err
		}
	}
	return o, o.check()
}

// check says what can't be done.
func (o *options) check() error {
	oneOf := func(flag, value string, allowed ...string) error {
		if slices.Contains(allowed, value) {
			return nil
		}
		return fmt.Errorf("-%s %q: use one of %s", flag, value, strings.Join(allowed, ", "))
	}
	atLeastOne := func(flag string, value int) error {
		if value >= 1 {
			return nil
		}
		return fmt.Errorf("-%s %d: at least 1 is needed", flag, value)
	}
	for _, err := range []error{
		oneOf("mode", o.Mode, append(slices.Clone(modes), modeAll)...),
		oneOf("work", o.Work, workReal, workSpin),
		oneOf("engine", o.Engine, engineAuto, enginePortable),
		atLeastOne("conns", o.Conns),
		atLeastOne("threads", o.Threads),
		atLeastOne("workers", o.Workers),
		atLeastOne("turns", o.Turns),
	} {
		if err != nil {
			return err
		}
	}
	if o.Beside != "" && o.Mode != modeAll {
		return fmt.Errorf("-beside compares two builds of gvthreads: leave out -mode %s", o.Mode)
	}
	if o.Mode == modeNiced && nicedMissing != "" {
		return fmt.Errorf("-mode %s: %s", o.Mode, nicedMissing)
	}
	if o.Other < 0 {
		return fmt.Errorf("-other %d: it must not be negative", o.Other)
	}
	if o.Duration <= 0 {
		return fmt.Errorf("-duration %v: it must be above 0", o.Duration)
	}
	if o.Warmup < 0 {
		return fmt.Errorf("-warmup %v: it must not be negative", o.Warmup)
	}
	if !(o.Rate > 0 && o.Rate <= 1e6) {
		return fmt.Errorf("-rate %v: it must be above 0 and at most 1e6", o.Rate)
	}
	if o.Rate*o.turn().Seconds() < 1 {
		return fmt.Errorf("-rate %v: no request would be due in a turn of %v", o.Rate, o.turn())
	}
	return nil
}

// modes returns those that are to be run.
func (o *options) modes() []string {
	if o.Beside != "" {
		return []string{modeBeside, modeThreads}
	}
	if o.Mode != modeAll {
		return []string{o.Mode}
	}
	return slices.DeleteFunc(slices.Clone(modes), func(mode string) bool { return mode == modeNiced && nicedMissing != "" })
}
