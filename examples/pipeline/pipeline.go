package main

import (
	"compress/gzip"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	gv "github.com/gvthread/gvthread/runtime"
)

const (
	readers = 4  // is how many files are read at once
	ahead   = 16 // is how many files a stage may be ahead of the next
)

// A pipeline has three stages, which are named by what they do.
type pipeline struct {
	dir     string
	workers int
	ctx     context.Context // ends with the first error
	cancel  context.CancelCauseFunc

	paths *gv.Chan[string] // from find to read
	files *gv.Chan[file]   // from read to pack
	sizes *gv.Chan[size]   // from pack to who runs the pipeline

	found, read, packed, bytes atomic.Int64 // files, and bytes that were compressed
}

// A file is what is in one.
type file struct {
	path string
	data []byte
}

// A size is what a file takes, as it is and compressed.
type size struct {
	path         string
	full, packed int64
}

func newPipeline(ctx context.Context, dir string, workers int) *pipeline {
	p := &pipeline{
		dir: dir, workers: workers,
		paths: gv.NewChan[string](ahead), files: gv.NewChan[file](ahead), sizes: gv.NewChan[size](ahead),
	}
	p.ctx, p.cancel = context.WithCancelCause(ctx)
	return p
}

// run starts the stages and returns the sums of what comes out of them, or the first
// error. It is called in a thread. All threads of the stages have ended when it
// returns.
func (p *pipeline) run() (totals, error) {
	defer p.cancel(nil)
	stages := []*gv.WaitGroup{
		stage(p, 1, gv.Normal, p.find, p.paths),
		stage(p, readers, gv.High, p.readAll, p.files),
		stage(p, p.workers, gv.Low, p.packAll, p.sizes),
	}
	sums := totals{}
	for s := range p.sizes.All() {
		sums.add(s)
	}
	for _, s := range stages {
		s.Wait()
	}
	return sums, context.Cause(p.ctx)
}

// stage starts threads that do the same work, and closes the channel that they send to
// when they have ended. Their first error ends the pipeline.
func stage[T any](p *pipeline, threads int, priority gv.Priority, work func() error, to *gv.Chan[T]) *gv.WaitGroup {
	var wg gv.WaitGroup
	for range threads {
		wg.Go(func(context.Context) error {
			err := work()
			if err != nil {
				p.cancel(err)
			}
			return err
		}, gv.WithContext(p.ctx), gv.WithPriority(priority))
	}
	gv.Go(func(context.Context) error {
		wg.Wait()
		to.Close()
		return nil
	})
	return &wg
}

// find sends the path of each file.
func (p *pipeline) find() error {
	return filepath.WalkDir(p.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		p.found.Add(1)
		return p.paths.Send(path)
	})
}

// readAll reads the files at the paths that come.
func (p *pipeline) readAll() error {
	for path := range p.paths.All() {
		f := file{path: path}
		var err error
		// The disk needs no worker.
		gv.Block(func() { f.data, err = os.ReadFile(path) })
		if err != nil {
			return err
		}
		p.read.Add(1)
		if err := p.files.Send(f); err != nil {
			return err
		}
	}
	return nil
}

// packAll compresses the files that come.
func (p *pipeline) packAll() error {
	var packed counter
	w := gzip.NewWriter(io.Discard)
	for f := range p.files.All() {
		packed = 0
		w.Reset(&packed)
		if _, err := w.Write(f.data); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		p.packed.Add(1)
		p.bytes.Add(int64(len(f.data)))
		if err := p.sizes.Send(size{f.path, int64(len(f.data)), int64(packed)}); err != nil {
			return err
		}
	}
	return nil
}

// A counter counts the bytes that are written to it.
type counter int64

func (c *counter) Write(data []byte) (int, error) {
	*c += counter(len(data))
	return len(data), nil
}
