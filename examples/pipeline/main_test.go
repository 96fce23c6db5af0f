package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// tree writes some files below a new directory, and returns it with what a pipeline
// should make of them.
func tree(t *testing.T) (dir string, want totals) {
	t.Helper()
	dir, want = t.TempDir(), totals{}
	for i := range 10 * ahead {
		path := filepath.Join(dir, strconv.Itoa(i%7), strconv.Itoa(i)+[]string{".go", ".txt", ""}[i%3])
		text := []byte(strings.Repeat("line "+strconv.Itoa(i)+"\n", i*i))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		var zipped bytes.Buffer
		w := gzip.NewWriter(&zipped)
		w.Write(text)
		w.Close()
		want.add(size{path, int64(len(text)), int64(zipped.Len())})
	}
	return dir, want
}

// What comes out is what one compresses one after the other, on each engine.
func TestTable(t *testing.T) {
	dir, sums := tree(t)
	var want strings.Builder
	sums.print(&want)
	for _, engine := range []string{"", "portable"} {
		t.Run(engine, func(t *testing.T) {
			t.Setenv("GVTHREAD", engine)
			var out bytes.Buffer
			if err := run(t.Context(), []string{dir}, &out, io.Discard); err != nil {
				t.Fatal(err)
			}
			if out.String() != want.String() {
				t.Errorf("table\n%swant\n%s", &out, &want)
			}
		})
	}
	for _, s := range []string{".go ", ".txt ", "none ", "all  "} {
		if !strings.Contains(want.String(), "\n"+s) {
			t.Errorf("no line for %q in the table:\n%s", s, &want)
		}
	}
}

// in runs f in a thread of a runtime that has nothing left of it afterwards.
func in(t *testing.T, f func()) {
	t.Helper()
	rt, err := gv.New(gv.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	err = rt.Run(func(context.Context) error {
		f()
		return nil
	})
	if err := errors.Join(err, rt.Close()); err != nil {
		t.Error(err)
	}
}

// A stage whose threads wait for the next one ends with the pipeline, and so does the
// one that waits for it.
func TestCancelled(t *testing.T) {
	dir, _ := tree(t)
	in(t, func() {
		enough := errors.New("enough")
		p := newPipeline(t.Context(), dir, 1)
		finder := stage(p, 1, gv.Normal, p.find, p.paths)
		for p.found.Load() <= ahead {
			gv.Yield()
		}
		p.cancel(enough)
		finder.Wait()
		for range p.paths.All() {
		}
		if n := p.found.Load(); n != ahead+1 {
			t.Errorf("%d files were found though nobody read them, want %d", n, ahead+1)
		}
		if _, err := p.paths.Recv(); !errors.Is(err, gv.ErrClosed) {
			t.Errorf("after the stage: error %v, want that its channel is closed", err)
		}
		if err := context.Cause(p.ctx); err != enough {
			t.Errorf("cause %v", err)
		}
	})
}

// A file that is gone when it is read is the pipeline's error.
func TestUnreadable(t *testing.T) {
	in(t, func() {
		p := newPipeline(t.Context(), "", 1)
		gone := filepath.Join(t.TempDir(), "gone")
		if err := p.paths.Send(gone); err != nil {
			t.Error(err)
		}
		reader := stage(p, readers, gv.High, p.readAll, p.files)
		reader.Wait() // without an end of the paths
		var err *fs.PathError
		if !errors.As(context.Cause(p.ctx), &err) || err.Path != gone || !errors.Is(err, os.ErrNotExist) {
			t.Errorf("cause %v", context.Cause(p.ctx))
		}
	})
}

// An interrupt before the start leaves threads without a turn: nothing waits for them.
func TestInterrupted(t *testing.T) {
	dir, _ := tree(t)
	interrupt := errors.New("interrupt")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interrupt)
	var out bytes.Buffer
	if err := run(ctx, []string{dir}, &out, io.Discard); !errors.Is(err, interrupt) || out.Len() > 0 {
		t.Errorf("error %v, output %q", err, &out)
	}
}

// A writer passes on what is written to it.
type writer chan string

func (w writer) Write(data []byte) (int, error) {
	w <- string(data)
	return len(data), nil
}

// The progress shows the counts again and again, until its thread is cancelled.
func TestProgress(t *testing.T) {
	in(t, func() {
		p := newPipeline(t.Context(), "", 1)
		p.found.Store(4)
		p.read.Store(3)
		p.packed.Store(2)
		p.bytes.Store(1_500_000)
		lines := make(writer, 100) // more than there will be
		watcher := gv.Go(func(context.Context) error { return p.show(lines) })
		for range 2 {
			line := strings.Join(strings.Fields(<-lines), " ")
			if want := "4 files found 3 read 2 compressed 1.5 MB"; line != want {
				t.Errorf("progress %q, want %q", line, want)
			}
		}
		watcher.Cancel(nil)
		if err := watcher.Wait(); !errors.Is(err, gv.ErrCancelled) {
			t.Errorf("the watcher ended with %v", err)
		}
	})
}

func TestBadArguments(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{filepath.Join(t.TempDir(), "none")}, "none: "},
		{[]string{"a", "b"}, "2 arguments"},
	} {
		var out bytes.Buffer
		if err := run(t.Context(), tt.args, &out, io.Discard); err == nil || !strings.Contains(err.Error(), tt.want) || out.Len() > 0 {
			t.Errorf("arguments %q: error %v, want one with %q; output %q", tt.args, err, tt.want, &out)
		}
	}
}
