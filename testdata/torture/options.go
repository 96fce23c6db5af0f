package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// options are the flags.
type options struct {
	duration time.Duration
	seed     uint64
	round    uint64 // the first
	rounds   uint64 // at most so many, 0 for no limit
	length   time.Duration
	engine   gv.Engine
	stacks   gv.StackKind
	workers  int // 0: each round chooses
	threads  int
	stall    time.Duration
	actions  filter
	upsets   filter
	traces   int // of each round, so many are read back, by traceTool
	verbose  bool

	traceTool traceTool
}

// errListed is what parseOptions returns once it has printed what was asked for.
var errListed = errors.New("the names have been listed")

// parseOptions reads the flags. It returns flag.ErrHelp where it has printed the flags
// instead, and errListed where it has printed names to out.
func parseOptions(args []string, out io.Writer) (options, error) {
	var o options
	fs := flag.NewFlagSet("torture", flag.ContinueOnError)
	fs.DurationVar(&o.duration, "duration", 30*time.Second, "how long to go on")
	fs.Uint64Var(&o.seed, "seed", 0, "what the schedule is made of; 0 chooses one")
	fs.Uint64Var(&o.round, "round", 0, "the first round")
	fs.Uint64Var(&o.rounds, "rounds", 0, "end after so many rounds, if not 0")
	fs.DurationVar(&o.length, "length", time.Second, "how long a round goes on")
	engine := fs.String("engine", "auto", "auto, native or portable")
	stacks := fs.String("stacks", "growing", "growing or slots; slots need GODEBUG=gcshrinkstackoff=1 in the environment")
	fs.IntVar(&o.workers, "workers", 0, "workers of the runtime; 0 lets each round choose")
	fs.IntVar(&o.threads, "threads", 64, "at most so many threads are started by the program itself in a round")
	fs.DurationVar(&o.stall, "stall", 20*time.Second, "give up when nothing has progressed for so long")
	fs.Var(&o.actions, "do", "what threads do: a list of actions, or of actions with a - to leave out; empty for all, ? to see them")
	fs.Var(&o.upsets, "beside", "what goes on beside them, in the same way; none for nothing")
	fs.IntVar(&o.traces, "traces", 0, "read so many of the execution traces of each round, with go tool trace")
	fs.BoolVar(&o.verbose, "v", false, "say what each round is made of")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	engines := map[string]gv.Engine{"auto": gv.Auto, "native": gv.Native, "portable": gv.Portable}
	var ok bool
	if o.engine, ok = engines[*engine]; !ok {
		return o, fmt.Errorf("-engine is %q; use auto, native or portable", *engine)
	}
	kinds := map[string]gv.StackKind{"growing": gv.GrowingStacks, "slots": gv.SlotStacks}
	if o.stacks, ok = kinds[*stacks]; !ok {
		return o, fmt.Errorf("-stacks is %q; use growing or slots", *stacks)
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	if o.threads < 1 || o.workers < 0 || o.length <= 0 {
		return o, errors.New("-threads, -workers and -length must be positive")
	}
	if err := o.checkNames(out); err != nil {
		return o, err
	}
	if o.traces > 0 {
		var err error
		if o.traceTool, err = findTraceTool(); err != nil {
			return o, err
		}
	}
	if o.seed == 0 {
		o.seed = rand.Uint64()>>32 + 1
	}
	return o, nil
}

// checkNames looks at what -do and -beside name. A question mark lists what there is.
func (o options) checkNames(out io.Writer) error {
	filters := []struct {
		flag  string
		f     filter
		names []string
	}{{"-do", o.actions, actionNames()}, {"-beside", o.upsets, upsetNames()}}
	var listed error
	for _, f := range filters {
		if f.f.some["?"] {
			fmt.Fprintln(out, strings.Join(f.names, "\n"))
			listed = errListed
		}
	}
	if listed != nil {
		return listed
	}
	for _, f := range filters {
		if err := f.f.check(f.names); err != nil {
			return fmt.Errorf("%s: %w", f.flag, err)
		}
	}
	return nil
}

// A filter chooses among names: some, or all but some.
type filter struct {
	some   map[string]bool
	except map[string]bool
}

// Set implements flag.Value.
func (f *filter) Set(list string) error {
	f.some, f.except = map[string]bool{}, map[string]bool{}
	for name := range strings.SplitSeq(list, ",") {
		if rest, minus := strings.CutPrefix(name, "-"); minus {
			f.except[rest] = true
		} else if name != "" {
			f.some[name] = true
		}
	}
	return nil
}

// String implements flag.Value.
func (f *filter) String() string { return "" }

// check says which names there are if f has others.
func (f filter) check(names []string) error {
	known := map[string]bool{"none": true}
	for _, n := range names {
		known[n] = true
	}
	for _, set := range []map[string]bool{f.some, f.except} {
		for name := range set {
			if !known[name] {
				return fmt.Errorf("no %q; there are %s", name, strings.Join(names, ", "))
			}
		}
	}
	return nil
}

// allows reports whether f chooses the name.
func (f filter) allows(name string) bool {
	return !f.except[name] && (len(f.some) == 0 || f.some[name])
}
