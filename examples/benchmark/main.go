// Benchmark measures what operations of gvthreads cost, beside what they replace in
// plain Go.
//
// Both sides of each row are measured in the same run, in turns that alternate, so that
// a machine that is busy for a while is so for both. The table has the median of the
// rounds and the spread around it. README.md says what each row is.
//
// Usage:
//
//	go run ./examples/benchmark [flags]
//
// See -help for the flags. Progress goes to standard error, the table to standard
// output.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/gvthread/gvthread/internal/hotpath"
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
		fmt.Fprintln(os.Stderr, "benchmark:", err)
		os.Exit(1)
	}
}

// playRole does what the environment asks of this process, if the command has started
// it.
func playRole() (played bool, err error) {
	if played, err = hotpath.Child(); played {
		return true, err
	}
	return playChild()
}

// run is the whole command.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	chosen, err := choose(rows(), o.Only)
	if err != nil {
		return err
	}
	results, err := measureAll(ctx, chosen, o, newProgress(stderr, len(chosen)))
	if err != nil {
		return err
	}
	if o.Benchfmt {
		printBenchfmt(stdout, results)
	} else {
		printTable(stdout, results, o)
	}
	if o.JSON == "" {
		return nil
	}
	return saveJSON(o.JSON, results)
}
