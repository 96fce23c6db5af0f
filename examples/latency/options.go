package main

import (
	"flag"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"
)

// The modes: the same server, with the background work run in three ways.
const (
	modeGoroutines = "goroutines" // plain goroutines
	modeLimited    = "limited"    // goroutines, GOMAXPROCS-1 of which work at a time
	modeThreads    = "gvthreads"  // Low threads, with the requests in Critical ones
	modeAll        = "all"
	modeBeside     = "beside" // gvthreads in another build of the program
)

var modes = []string{modeGoroutines, modeLimited, modeThreads}

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
	Duration time.Duration
	Warmup   time.Duration
	Rate     float64
	Conns    int
	Threads  int
	Workers  int
	Work     string
	Engine   string
	Source   string // directory of the files
	Beside   string // another build of this program, "" for none
	JSON     string // file for the report, "" for none
}

// parseOptions reads the command line; usage and errors go to w.
func parseOptions(args []string, w io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("latency", flag.ContinueOnError)
	f.SetOutput(w)
	f.Usage = func() {
		fmt.Fprint(w, `Usage: latency [flags]

Serves HTTP requests beside CPU-heavy background work, with goroutines, with
goroutines and a semaphore, and with gvthreads, and compares the latency.

`)
		f.PrintDefaults()
	}
	f.StringVar(&o.Mode, "mode", modeAll, "run one of "+strings.Join(modes, ", ")+", or all")
	f.DurationVar(&o.Duration, "duration", 9*time.Second, "how `long` each mode is measured")
	f.DurationVar(&o.Warmup, "warmup", 1500*time.Millisecond, "how `long` each mode runs before that: caches fill, the heap finds its size")
	f.Float64Var(&o.Rate, "rate", 200, "`requests` a second")
	f.IntVar(&o.Conns, "conns", 256, "keep-alive `connections` of the load generator")
	f.IntVar(&o.Threads, "threads", 64, "background `threads`, or goroutines")
	f.IntVar(&o.Workers, "workers", runtime.GOMAXPROCS(0), "`workers` of the gvthread runtime, and GOMAXPROCS of the server in all modes")
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
	} {
		if err != nil {
			return err
		}
	}
	if o.Beside != "" && o.Mode != modeAll {
		return fmt.Errorf("-beside compares two builds of gvthreads: leave out -mode %s", o.Mode)
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
	if o.Rate*o.Duration.Seconds() < 1 {
		return fmt.Errorf("-rate %v: no request would be due in %v", o.Rate, o.Duration)
	}
	return nil
}

// modes returns those that are to be run.
func (o *options) modes() []string {
	if o.Beside != "" {
		return []string{modeBeside, modeThreads}
	}
	if o.Mode == modeAll {
		return modes
	}
	return []string{o.Mode}
}
