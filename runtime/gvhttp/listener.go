package gvhttp

import (
	"crypto/tls"
	"errors"
	"net"
)

// Listener returns a listener whose connections hold no worker while they wait: a thread
// that reads from one, or writes to one faster than the client reads, gives its worker to
// another thread meanwhile, as in gv.Block. Without it the worker is taken from such a
// thread within about a millisecond. A nil l panics.
//
//	srv.Serve(gvhttp.Listener(l))
//
// It belongs directly around the listener of package net, and inside of those that limit
// connections or encrypt: srv.ServeTLS(gvhttp.Listener(l), cert, key), or
// tls.NewListener(gvhttp.Listener(l), config). Around a listener of package crypto/tls,
// net/http could not see the encryption: then Accept fails, and with it Serve.
//
// The connections are no *net.TCPConn; their method NetConn returns the one inside.
// Files are sent as without this (sendfile). Cancellation of the thread ends no
// call: a deadline and Close do. In goroutines the calls are those of the connection inside.
//
// In HTTP/2 and TLS handshakes it is the server's goroutines that read and write. A handler
// that writes more than an HTTP/2 client takes waits in net/http for them, and keeps its
// worker for about a millisecond, with this listener and without.
func Listener(l net.Listener) net.Listener {
	if l == nil {
		panic("gvhttp: nil listener")
	}
	return listener{l}
}

type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if _, encrypts := c.(*tls.Conn); encrypts {
		c.Close()
		return nil, errors.New("gvhttp: Listener around one of crypto/tls, which hides the encryption from net/http; " +
			"use tls.NewListener(gvhttp.Listener(l), config) or ServeTLS")
	}
	return newConn(c), nil
}
