package gvhttp

import (
	"io"

	gv "github.com/gvthread/gvthread/runtime"
)

// A body is a request body that doesn't keep a worker while it waits for the
// client.
type body struct {
	io.ReadCloser
}

func (b body) Read(p []byte) (n int, err error) {
	gv.Block(func() { n, err = b.ReadCloser.Read(p) })
	return n, err
}

// Close may have to read what is left of the body.
func (b body) Close() (err error) {
	gv.Block(func() { err = b.ReadCloser.Close() })
	return err
}
