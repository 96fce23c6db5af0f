// Pipeline compresses the files of a directory to see how small they get, in stages
// that are joined by channels: one thread finds the files, some read them, and as
// many as there are workers compress. The priorities keep it flowing: who reads is
// High, since it mostly waits for the disk, who compresses is Low, and the thread
// that shows the progress is Critical, and so not kept waiting by all that work.
// The channels are short, so the files in memory are few, however large the
// directory is. The first error, or an interrupt, ends all stages.
//
// Usage:
//
//	go run ./examples/pipeline [directory]
//	go run ./examples/pipeline "$(go env GOROOT)/src"
//
// The directory is the current one if none is given. The progress goes to standard
// error, and the table, by the files' extensions, to standard output.
package main

import (
	"context"
	"errors"
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
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "pipeline:", err)
		os.Exit(1)
	}
}

// run is the whole command.
func run(ctx context.Context, args []string, out, progress io.Writer) (err error) {
	dir := "."
	switch len(args) {
	case 0:
	case 1:
		dir = args[0]
	default:
		return fmt.Errorf("%d arguments, at most one is wanted: the directory", len(args))
	}
	rt, err := gv.New(gv.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rt.Close()) }()
	return rt.Run(func(context.Context) error {
		p := newPipeline(ctx, dir, rt.Stats().Workers)
		watcher := gv.Go(func(context.Context) error { return p.show(progress) }, gv.WithPriority(gv.Critical))
		sums, err := p.run()
		watcher.Cancel(nil)
		if err != nil {
			return err
		}
		sums.print(out)
		return nil
	})
}

// show prints how far the pipeline is, until its thread is cancelled.
func (p *pipeline) show(out io.Writer) error {
	for {
		if err := gv.Sleep(500 * time.Millisecond); err != nil {
			return err
		}
		fmt.Fprintf(out, "%7d files found %7d read %7d compressed %9.1f MB\n",
			p.found.Load(), p.read.Load(), p.packed.Load(), float64(p.bytes.Load())/1e6)
	}
}
