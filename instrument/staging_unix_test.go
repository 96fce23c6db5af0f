//go:build unix

package instrument_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gvthread/gvthread/instrument"
)

// A process that is killed while it stages leaves files, which Clean removes. It leaves
// those of a process alone that goes on.
func TestCleanAfterKill(t *testing.T) {
	dir := oldFiles(t, 2)
	pipe := filepath.Join(dir, "f1")
	must(t, syscall.Mkfifo(pipe, 0o666)) // who reads it waits
	var writers []*writer
	for i := range 2 {
		writers = append(writers, startWriter(t, dir))
		await(func() bool { return len(staged(t, dir)) == 3*(i+1) }) // a lock and two texts
	}
	must(t, writers[0].Process.Kill())
	writers[0].Wait()
	if n, err := instrument.Clean([]string{dir}); err != nil || n != 2 {
		t.Errorf("removed %d files (%v), want 2 of the process that was killed", n, err)
	}
	if left := staged(t, dir); len(left) != 3 {
		t.Errorf("left are %v, want those of the process that goes on", left)
	}
	writeFile(t, pipe, "old")
	writers[1].expect(t, "written")
	expect(t, filepath.Join(dir, "f00000"), "new")
	if left := staged(t, dir); len(left) != 0 {
		t.Errorf("%v are left behind", left)
	}
}

// Whatever signal comes while files are staged, all are replaced or none, and nothing
// is left behind.
func TestSignalWhileStaging(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		t.Run(s.String(), func(t *testing.T) {
			dir := oldFiles(t, 2)
			pipe := filepath.Join(dir, "f1")
			must(t, syscall.Mkfifo(pipe, 0o666))
			for i := range 100 {
				writeFile(t, filepath.Join(dir, fmt.Sprintf("f2%05d", i)), "old")
			}
			w := startWriter(t, dir)
			await(func() bool { return len(staged(t, dir)) == 3 })
			must(t, w.Process.Signal(s))
			fed := make(chan error)
			go func() { fed <- os.WriteFile(pipe, []byte("old"), 0) }()
			w.allOrNone(t, dir)
			// A writer that has ended before does not read.
			f, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
			must(t, err)
			<-fed
			f.Close()
		})
	}
}

// Whenever a signal comes, all files are replaced or none.
func TestSignalAtAnyTime(t *testing.T) {
	const files = 100
	for round := range 6 {
		dir := oldFiles(t, files)
		w := startWriter(t, dir)
		// The later rounds' signals come when the first files have been replaced.
		await(func() bool {
			text, err := os.ReadFile(filepath.Join(dir, "f00000"))
			return err != nil || string(text) == "new" || len(staged(t, dir)) > round*files/5
		})
		if err := w.Process.Signal(syscall.SIGTERM); !errors.Is(err, os.ErrProcessDone) {
			must(t, err)
		}
		w.allOrNone(t, dir)
	}
}

// allOrNone waits for a writer, and tells whether it has replaced all files in dir, or
// none and has said so.
func (w *writer) allOrNone(t *testing.T, dir string) {
	t.Helper()
	last := ""
	for w.out.Scan() {
		last = w.out.Text()
	}
	w.Wait()
	want := "new"
	if strings.HasSuffix(last, "; nothing has been changed") {
		want = "old"
	} else if last != "written" {
		t.Fatalf("the writer ended with %q (%v)", last, w.ProcessState)
	}
	if left := staged(t, dir); len(left) != 0 {
		t.Fatalf("%d files are left behind", len(left))
	}
	names, err := filepath.Glob(filepath.Join(dir, "f[02]*"))
	must(t, err)
	for _, name := range names {
		expect(t, name, want)
	}
}
