package gvhttp

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	gv "github.com/gvthread/gvthread/runtime"
)

// A conn is a connection that holds no worker while it waits.
type conn struct {
	net.Conn
	// raw is nil for connections that are not of package net itself: it would bypass
	// what they do in Write.
	raw syscall.RawConn
	// writing makes one of the two steps that a write has.
	writing gv.Mutex
}

func newConn(inner net.Conn) *conn {
	c := &conn{Conn: inner}
	// An error means that the connection is closed, as Write will say.
	switch inner := inner.(type) {
	case *net.TCPConn:
		c.raw, _ = inner.SyscallConn()
	case *net.UnixConn:
		c.raw, _ = inner.SyscallConn()
	}
	return c
}

// NetConn returns the connection inside, as that of tls.Conn does.
func (c *conn) NetConn() net.Conn { return c.Conn }

// Read has mostly to wait.
func (c *conn) Read(p []byte) (n int, err error) {
	gv.Block(func() { n, err = c.Conn.Read(p) })
	return n, err
}

// Write has mostly not to wait: the socket's buffer takes what there is. So a thread keeps
// its worker for what goes at once; given up for every write, a thread that computes would
// have it meanwhile, and would have to be preempted after each.
func (c *conn) Write(p []byte) (n int, err error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.raw != nil && gv.Current() != nil {
		if n = writeNow(c.raw, p); n == len(p) && n > 0 {
			return n, nil
		}
	}
	gv.Block(func() {
		var rest int
		rest, err = c.Conn.Write(p[n:])
		n += rest
	})
	return n, err
}

// ReadFrom is for net/http, which has a TCP connection send files by it.
func (c *conn) ReadFrom(r io.Reader) (n int64, err error) {
	to, sends := c.Conn.(io.ReaderFrom)
	if !sends || !hasDescriptor(r) {
		// r may compute, which is to be done with a worker.
		return io.Copy(struct{ io.Writer }{c}, r)
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	gv.Block(func() { n, err = to.ReadFrom(r) })
	return n, err
}

// hasDescriptor reports whether r is what package net can have the system send, a file or a
// connection, or the begin of one: see sendFile and spliceFrom there (sendfile.go,
// splice_linux.go, go1.26).
func hasDescriptor(r io.Reader) bool {
	if l, ok := r.(*io.LimitedReader); ok {
		r = l.R
	}
	_, ok := r.(syscall.Conn)
	return ok
}

// CloseWrite is for net/http, which closes connections in two steps by it.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return fmt.Errorf("gvhttp: closing the write side of a %T: %w", c.Conn, errors.ErrUnsupported)
}
