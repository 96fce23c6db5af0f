// Latency shows what gvthread is for: an HTTP server that answers in time while
// it also computes as much as it can.
//
// The server answers small requests about files of the Go standard library,
// while 64 background threads parse, hash and compress these files without a
// pause. A load generator in a process of its own sends requests at a steady
// rate, and measures each answer from when its request was due. The same job
// runs three times:
//
//	goroutines   requests and background in plain goroutines
//	limited      the same, but a semaphore lets only GOMAXPROCS-1 of the
//	             background goroutines work at a time
//	gvthreads    requests in Critical threads, background in Low ones
//
// Usage:
//
//	go run ./examples/latency [flags]
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
)

func main() {
	played, err := playRole()
	if !played {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		err = run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	}
	switch {
	case err == nil:
	case errors.Is(err, flag.ErrHelp):
	default:
		fmt.Fprintln(os.Stderr, "latency:", err)
		os.Exit(1)
	}
}

// run is the whole command.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	requests, err := prepare(ctx, &o)
	if err != nil {
		return err
	}
	p := &progress{out: stderr, line: isTerminal(stderr)}
	var r interface{ print(w io.Writer) }
	if o.Matrix {
		r, err = compareAll(ctx, o, matrix(o.Threads), requests, p)
	} else {
		r, err = compare(ctx, o, requests, p)
	}
	if err != nil {
		return err
	}
	r.print(stdout)
	if o.JSON == "" {
		return nil
	}
	return save(o.JSON, r)
}

// isTerminal guesses whether w shows what is written to somebody.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
