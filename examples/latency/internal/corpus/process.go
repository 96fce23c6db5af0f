package corpus

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"sync"
)

// unzipEvery is how often the compressed file is expanded again and compared.
const unzipEvery = 16

// An outcome is what must be the same each time a file is processed.
type outcome struct {
	decls  int // top-level declarations
	zipped int // compressed size
}

// bits packs o into a word that is never 0: nothing compresses to 0 bytes.
func (o outcome) bits() uint64 { return uint64(o.decls)<<32 | uint64(uint32(o.zipped)) }

// Process reads f from disk, hashes, parses and compresses it. It returns an
// error if any of that doesn't come out as it did before.
func (f *File) Process() error {
	data, err := f.Read()
	if err != nil {
		return err
	}
	tree, err := parser.ParseFile(token.NewFileSet(), f.path, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	z := zippers.Get().(*zipper)
	defer zippers.Put(z)
	if err := z.zip(data); err != nil {
		return fmt.Errorf("compressing %s: %w", f.path, err)
	}
	found := outcome{len(tree.Decls), z.out.Len()}
	if !f.first.CompareAndSwap(0, found.bits()) && f.first.Load() != found.bits() {
		return fmt.Errorf("%s: %+v does not agree with what was found before", f.path, found)
	}
	if f.turns.Add(1)%unzipEvery == 1 {
		if err := z.verify(data); err != nil {
			return fmt.Errorf("expanding %s: %w", f.path, err)
		}
	}
	return nil
}

// A zipper compresses. Its tables are large, so zippers are used again.
type zipper struct {
	w   *gzip.Writer
	out bytes.Buffer
}

var zippers = sync.Pool{New: func() any { return &zipper{w: gzip.NewWriter(nil)} }}

// zip leaves data, compressed, in z.out.
func (z *zipper) zip(data []byte) error {
	z.out.Reset()
	z.w.Reset(&z.out)
	if _, err := z.w.Write(data); err != nil {
		return err
	}
	return z.w.Close()
}

// verify checks that what is in z.out is data. It uses it up.
func (z *zipper) verify(data []byte) error {
	r, err := gzip.NewReader(&z.out)
	if err != nil {
		return err
	}
	back, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if !bytes.Equal(back, data) {
		return fmt.Errorf("%d bytes came back that are not the %d that were compressed", len(back), len(data))
	}
	return nil
}
