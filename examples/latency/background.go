package main

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/examples/latency/internal/corpus"
	"github.com/gvthread/gvthread/examples/latency/internal/spin"
)

// A background is the work that the server does beside its requests. All the
// threads share it: each turn is the next file.
type background struct {
	files   *corpus.Corpus
	process func(i int) error // of file i

	began time.Time
	next  atomic.Int64
	done  atomic.Int64 // files
	bytes atomic.Int64
	over  atomic.Bool

	mu  sync.Mutex
	err error // the first
}

// newBackground prepares work of the given kind on files.
func newBackground(kind string, files *corpus.Corpus) (*background, error) {
	b := &background{files: files, began: time.Now()}
	if kind == workReal {
		b.process = func(i int) error { return files.File(i).Process() }
		return b, nil
	}
	// To spin is to compute and nothing else: the files are read before.
	data := make([][]byte, files.Len())
	for i := range data {
		var err error
		if data[i], err = files.File(i).Read(); err != nil {
			return nil, err
		}
	}
	b.process = func(i int) error { return spin.Process(data[i%len(data)]) }
	return b, nil
}

// turn processes one file, and reports false when the work is over.
func (b *background) turn() bool {
	if b.over.Load() {
		return false
	}
	i := int(b.next.Add(1) - 1)
	if err := b.process(i); err != nil {
		b.fail(err)
		return false
	}
	b.done.Add(1)
	b.bytes.Add(int64(b.files.File(i).Size))
	return true
}

// fail notes the first error and ends the work.
func (b *background) fail(err error) {
	b.mu.Lock()
	if b.err == nil {
		b.err = err
	}
	b.mu.Unlock()
	b.stop()
}

// stop makes further turns report false.
func (b *background) stop() { b.over.Store(true) }

// snapshot says what has been done.
func (b *background) snapshot() snapshot {
	s := snapshot{At: time.Since(b.began), Files: b.done.Load(), Bytes: b.bytes.Load()}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		s.Error = b.err.Error()
	}
	return s
}
