// Stress starts a great many threads, has all of them blocked at once, wakes
// them, and says what that takes, beside the same with goroutines.
//
// Usage:
//
//	go run ./examples/stress [flags] [threads]
//	go run ./examples/stress -slots [threads]
//
// The default is 100000; 1000000 take about 4 GB of memory. Threads and goroutines
// wait in three ways: for a channel that is closed; in Sleep, until the same
// moment; and in Sleep for an hour, until they are cancelled, the threads by
// Close. Each way has a process of its own for each side, and one for a tenth of
// the threads. That shows whether a thread takes longer where there are more of
// them: the last line of each table is the time of a thread, starting, waking and
// ending, over that of one of a tenth as many, in the same run.
//
// Both sides do the same. One goroutine starts all, each with a function of its own, after a
// garbage collection; they count themselves, and wait for one channel, or sleep; and the same
// goroutine waits until all have ended, for each thread by its Wait, for goroutines by a
// WaitGroup. What differs is what the runtime does by itself: while it is open GOMAXPROCS is
// three more, and the goroutines of threads that have ended stay for a second, to carry others.
// Close ends them, which counts where it wakes the threads.
//
// With -json these are written to a file: memory_ratio, start_ratio and
// wake_ratio, thread over goroutine, of those that wait for a channel, and
// per_thread_growth, the largest of the three last lines.
//
// With -slots, threads wait for the channel on growing stacks, and then on slots.
//
// See -help for the flags. Progress goes to standard error, the table to
// standard output.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
)

func main() {
	played, err := playChild()
	if !played {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		err = run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "stress:", err)
		os.Exit(1)
	}
}

// run is the whole command.
func run(ctx context.Context, args []string, out, progress io.Writer) error {
	o, err := parseOptions(args, progress)
	if err != nil {
		return err
	}
	if o.slots {
		return compareStacks(ctx, o, out, progress)
	}
	r, err := measureAll(ctx, o, progress)
	if err != nil {
		return err
	}
	r.print(out)
	if o.json == "" {
		return nil
	}
	return r.saveJSON(o.json)
}

// options are the command line's.
type options struct {
	threads int
	json    string // file for the results, "" for none
	slots   bool
}

const defaultThreads = 100_000

// leastThreads leaves enough for the processes that have a tenth of them.
const leastThreads = 10

// parseOptions reads the command line; usage and errors go to w.
func parseOptions(args []string, w io.Writer) (options, error) {
	o := options{threads: defaultThreads}
	f := flag.NewFlagSet("stress", flag.ContinueOnError)
	f.SetOutput(w)
	f.Usage = func() {
		fmt.Fprintf(w, "Usage: stress [flags] [threads]\n\nBlocks and wakes many threads, %d if nothing is said, beside as many goroutines.\n\n", defaultThreads)
		f.PrintDefaults()
	}
	f.StringVar(&o.json, "json", "", "write the results as JSON to `file`, too")
	f.BoolVar(&o.slots, "slots", false, "compare threads on stack slots with those on growing stacks")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.slots && o.json != "" {
		return o, errors.New("-json has nothing of what -slots compares: leave one out")
	}
	switch f.NArg() {
	case 0:
		return o, nil
	case 1:
		var err error
		if o.threads, err = strconv.Atoi(f.Arg(0)); err != nil {
			return o, fmt.Errorf("number of threads: %w", err)
		}
		if o.threads < leastThreads {
			return o, fmt.Errorf("number of threads: %d is not at least %d", o.threads, leastThreads)
		}
		return o, nil
	}
	return o, fmt.Errorf("%d arguments, at most one is wanted: the number of threads", f.NArg())
}
