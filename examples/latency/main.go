// Latency shows what gvthread is for: an HTTP server that answers in time while
// it also computes as much as it can.
//
// The server answers small requests about files of the Go standard library,
// while 64 background threads parse, hash and compress these files without a
// pause. A load generator in a process of its own sends requests at a steady
// rate, and measures each answer from when its request was due. The same job
// runs in five modes:
//
//	goroutines   requests and background in plain goroutines
//	limited      the same, but a semaphore lets only GOMAXPROCS-1 of the
//	             background goroutines work at a time
//	niced        requests in plain goroutines with two more Ps; as many locked
//	             OS threads as there are cores, at nice 19, work through the
//	             background (on Linux)
//	idle         requests alone: what the machine takes for an answer
//	gvthreads    requests in Critical threads, background in Low ones
//
// The modes alternate in short turns, each with a server process of its own, so
// that a machine that is busy for a while is so for all. The table has what all
// turns of a mode found together, and how far they lie apart. Ratios are to be
// relied on, and times only on a quiet machine.
//
// Usage:
//
//	go run ./examples/latency [flags]
//
// Some of the flags (see -help for all):
//
//	-mode MODE       one of the modes alone
//	-duration LONG   how long each mode is measured, in all its turns
//	-turns N         how many these are
//	-other N         keep N threads of another process busy beside the server
//	-matrix          GOGC 100 and 800, 200 and 1,000 requests a second, with and
//	                 without -other 2, and once -threads 1000: one table of all
//	-beside FILE     compare with another build of this program
//	-json FILE       write the results for programs, too
//
// GOGC is the server's. Progress goes to standard error, the table to standard
// output.
//
// Beside latency and throughput, the table has what each mode uses. The way of
// a request has four parts: from when it was sent until the server calls the
// handler, until that runs in its thread, until the answer is ready, and until
// the client has read it. On Linux it also has the resident memory, page faults,
// and how often OS threads were woken and were displaced. What a request adds to
// the wake-ups is counted against a second without requests at the end of each
// turn. The Monitor, with the OS thread that keeps the slices, and sysmon, which
// is Go's own monitor, are shown as shares of a core.
//
// In JSON each mode is an object, with the latencies as p50_us, p90_us, p99_us,
// p99_9_us and max_us; with background_mb_s, rss_mb, minor_faults,
// voluntary_switches, involuntary_switches, gc_count, stw_avg_us, stw_p99_us,
// wake_ups_per_request, monitor_cpu, sysmon_cpu and others; with spread, and with
// the parts of the way. What is not known is missing. -matrix writes an array,
// cells, of such results, each with its settings.
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
