package instrument_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gvthread/gvthread/instrument"
)

// writerEnv names a directory whose files a child process replaces.
const writerEnv = "GV_TEST_WRITER"

// TestWriterProcess is the child process of other tests. It replaces the text "old" of
// the files in a directory, in the order of their names.
func TestWriterProcess(t *testing.T) {
	dir := os.Getenv(writerEnv)
	if dir == "" {
		t.Skip("runs in processes that other tests start")
	}
	entries, err := os.ReadDir(dir)
	must(t, err)
	var files []instrument.File
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "f") {
			files = append(files, instrument.File{Name: filepath.Join(dir, e.Name()), Old: []byte("old"), New: []byte("new")})
		}
	}
	fmt.Println("writing")
	if err := instrument.Write(files); err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	fmt.Println("written")
	os.Exit(0)
}

// A writer is a process that replaces the files in a directory.
type writer struct {
	*exec.Cmd
	out *bufio.Scanner
}

// startWriter starts a writer, and waits until it begins.
func startWriter(t *testing.T, dir string) *writer {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWriterProcess$")
	cmd.Env = append(os.Environ(), writerEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	w := &writer{cmd, bufio.NewScanner(out)}
	w.expect(t, "writing")
	return w
}

// expect reads lines up to one that contains a text.
func (w *writer) expect(t *testing.T, text string) {
	t.Helper()
	for w.out.Scan() {
		if strings.Contains(w.out.Text(), text) {
			return
		}
	}
	t.Fatalf("the writer ended and did not say %q", text)
}

// await waits until a condition holds. What never holds runs into go test's timeout.
func await(holds func() bool) {
	for !holds() {
		time.Sleep(time.Millisecond)
	}
}

// staged returns the names of staged files and locks in a directory.
func staged(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, ".gvinstrument-*"))
	must(t, err)
	return names
}

// oldFiles makes a directory with n files that say "old".
func oldFiles(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		writeFile(t, filepath.Join(dir, fmt.Sprintf("f%05d", i)), "old")
	}
	return dir
}

// Files that look like a dead run's are removed, and no others.
func TestClean(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "a")
	must(t, os.Mkdir(dir, 0o777))
	writeFile(t, filepath.Join(root, "go.mod"), "module m\n")
	const id = ".gvinstrument-0123456789abcdef"
	for _, name := range []string{"a/" + id + "-1", "a/" + id + "-12", id + ".lock", "a/.gvinstrument-notes", "a/" + id + "-1.go", "a/x"} {
		writeFile(t, filepath.Join(root, name), "")
	}
	n, err := instrument.Clean([]string{dir, dir, filepath.Join(root, "nosuch")})
	if err != nil || n != 2 {
		t.Errorf("removed %d files (%v), want 2", n, err)
	}
	expectEntries(t, dir, 3)
	expectEntries(t, root, 2)
}
