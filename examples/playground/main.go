// Playground runs any mix of threads. Every second it shows what each crew has done
// in that second, and what the scheduler has done for it.
//
// Usage:
//
//	go run ./examples/playground [-workers N] [-for LONG] [-mix CREWS] [-http ADDRESS]
//
// A crew is a number of threads of one priority that do the same work, as in
// "2 critical sleep". A mix is several crews, with commas between them. The works
// are:
//
//	spin        compute, without a safepoint
//	safepoint   compute, with safepoints
//	yield       let the others of the priority run, again and again
//	sleep       sleep for a millisecond
//	block       block for a millisecond in Go, as on a connection
//	lock        compute under a lock that all crews share, and sleep for a millisecond
//	channel     pass a token on to the next thread of the crew, in a ring of channels
//
// For example, what a busy machine leaves to Low threads:
//
//	go run ./examples/playground -workers 2 -mix '4 high spin, 4 low spin, 1 critical sleep'
//
// A crew's line has its rounds in that second, and how long the longest of them took,
// with the time in which its thread waited for a worker. With -http a live page shows more,
// as each thread, and how long they wait; the times that it shows cost a reading of the clock
// for each switch. GVTHREAD=portable and GVTHREAD=noforced in the environment change the
// engine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "playground:", err)
		os.Exit(1)
	}
}

// options are the command line's.
type options struct {
	workers int
	long    time.Duration
	mix     mix
	http    string // the address of the live page, "" for none
}

// parseOptions reads the command line; usage and errors of flags go to w.
func parseOptions(args []string, w io.Writer) (options, error) {
	o := options{mix: mix{
		{threads: 1, priority: gv.Critical, work: "sleep"},
		{threads: 2, priority: gv.Normal, work: "channel"},
		{threads: 4, priority: gv.Low, work: "spin"},
	}}
	f := flag.NewFlagSet("playground", flag.ContinueOnError)
	f.SetOutput(w)
	f.IntVar(&o.workers, "workers", 0, "`number` of workers (0: one for each processor)")
	f.DurationVar(&o.long, "for", 5*time.Second, "how `long` to run")
	f.Var(&o.mix, "mix", "the `crews`, each a number, a priority and a work ("+works()+")")
	f.StringVar(&o.http, "http", "", "serve a live page at the `address`, such as localhost:8080")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q: there are only flags; put the mix in quotes", f.Arg(0))
	}
	if o.long <= 0 {
		return o, fmt.Errorf("-for %v: it must be above 0", o.long)
	}
	return o, nil
}

// run is the whole command. The end of ctx ends it early.
func run(ctx context.Context, args []string, out, stderr io.Writer) (err error) {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	rt, err := gv.New(gv.Config{Workers: o.workers, Accounting: o.http != ""})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rt.Close()) }()
	announce(out, rt)
	if o.http != "" {
		stop, failed := servePage(out, o.http, rt)
		if failed != nil {
			return failed
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	ctx, cancel := context.WithTimeout(ctx, o.long)
	defer cancel()
	g := start(rt, o.mix)
	g.watch(ctx, out)
	err = g.stop()
	g.printAll(out)
	return err
}

// announce says what the runtime can do here.
func announce(out io.Writer, rt *gv.Runtime) {
	c := rt.Capabilities()
	fmt.Fprintf(out, "%v engine, %d workers\n", c.Engine, rt.Stats().Workers)
	for _, reason := range []string{c.EngineReason, c.ForcedReason} {
		if reason != "" {
			fmt.Fprintf(out, "  %s\n", reason)
		}
	}
}
