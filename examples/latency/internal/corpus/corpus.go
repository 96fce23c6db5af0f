// Package corpus is the real work of the latency example: it reads, parses,
// hashes and compresses Go source files, and checks each result.
package corpus

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// A Corpus is a tree of Go source files. It may be used by many goroutines or
// threads at once.
type Corpus struct {
	dir   string
	files []*File
}

// A File is one file of a Corpus.
type File struct {
	Name string // relative to the tree, with slashes
	Size int

	path string
	sum  [sha256.Size]byte
	// first is what the first Process of the file found, as outcome.bits; 0
	// until then.
	first atomic.Uint64
	turns atomic.Uint32 // calls of Process
}

// Open reads the Go source files under dir, without tests, testdata and
// commands, and takes the sums that later reads are checked against. The files
// come in an order that is mixed, so that any stretch of it holds small and
// large ones, and the same each time.
func Open(dir string) (*Corpus, error) {
	c := &Corpus{dir: dir}
	if err := filepath.WalkDir(dir, c.visit); err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	if len(c.files) == 0 {
		return nil, fmt.Errorf("corpus: no Go source files under %s", dir)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(c.files), func(i, j int) {
		c.files[i], c.files[j] = c.files[j], c.files[i]
	})
	return c, nil
}

// visit adds the file at path, if it is one that we want.
func (c *Corpus) visit(path string, entry fs.DirEntry, err error) error {
	if err != nil {
		return err
	}
	name := entry.Name()
	if entry.IsDir() {
		if path != c.dir && (name == "testdata" || path == filepath.Join(c.dir, "cmd")) {
			return filepath.SkipDir
		}
		return nil
	}
	if !entry.Type().IsRegular() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(c.dir, path)
	if err != nil {
		return err
	}
	c.files = append(c.files, &File{
		Name: filepath.ToSlash(rel),
		Size: len(data),
		path: path,
		sum:  sha256.Sum256(data),
	})
	return nil
}

// Len returns the number of files.
func (c *Corpus) Len() int { return len(c.files) }

// File returns the i-th file; after the last comes the first again.
func (c *Corpus) File(i int) *File { return c.files[i%len(c.files)] }

// ErrChanged is wrapped by the error of Read when a file is not what it was
// when the corpus was opened.
var ErrChanged = errors.New("the file is not what it was at the start")

// Read reads the file from disk and checks it against the sum of its first
// read.
func (f *File) Read() ([]byte, error) {
	data, err := os.ReadFile(f.path)
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(data) != f.sum {
		return nil, fmt.Errorf("%s: %w", f.path, ErrChanged)
	}
	return data, nil
}
