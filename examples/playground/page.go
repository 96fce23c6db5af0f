package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvdebug"
)

// servePage serves the live page of rt at addr, until stop is called, and prints the link.
func servePage(out io.Writer, addr string, rt *gv.Runtime) (stop func() error, err error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("-http %s: %w", addr, err)
	}
	mux := http.NewServeMux()
	gvdebug.Register(mux, rt)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	fmt.Fprintf(out, "  live page: http://%s/debug/gv/\n", l.Addr())
	return func() error {
		err := srv.Close()
		if s := <-served; !errors.Is(s, http.ErrServerClosed) {
			err = errors.Join(err, s)
		}
		return err
	}, nil
}
