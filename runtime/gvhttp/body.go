package gvhttp

import (
	"io"
	"net/http"

	gv "github.com/gvthread/gvthread/runtime"
)

// A body is a request body that doesn't keep a worker while it waits for the
// client.
type body struct {
	io.ReadCloser
	// from is the server's request, which gets the trailer, if it wasn't announced, at
	// the end of the body; to is the handler's.
	from, to *http.Request
}

func (b body) Read(p []byte) (n int, err error) {
	gv.Block(func() { n, err = b.ReadCloser.Read(p) })
	if err == io.EOF && b.to.Trailer == nil {
		b.to.Trailer = b.from.Trailer
	}
	return n, err
}

// Close may have to read what is left of the body.
func (b body) Close() (err error) {
	gv.Block(func() { err = b.ReadCloser.Close() })
	return err
}
