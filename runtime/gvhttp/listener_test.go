package gvhttp_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvhttp"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// big is more than the sockets take for a client that reads nothing, where smallBuffers
// has been at work. No part of it is like another.
var big = func() []byte {
	b := make([]byte, 1<<20)
	for i := range b {
		b[i] = byte(i * i >> 8)
	}
	return b
}()

// smallBuffers makes the buffers of a connection small, though not so small that it gets
// slow.
func smallBuffers(c net.Conn) {
	for {
		outer, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		c = outer.NetConn()
	}
	tcp := c.(*net.TCPConn)
	tcp.SetReadBuffer(64 << 10)
	tcp.SetWriteBuffer(4 << 10)
}

// serveBehindListener starts a server for h whose connections are those of Listener, with
// small buffers. It ends with the test.
func serveBehindListener(t *testing.T, h http.Handler, start func(*httptest.Server)) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Listener = gvhttp.Listener(srv.Listener)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that a client gave up
	srv.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		smallBuffers(c)
		return ctx
	}
	start(srv)
	t.Cleanup(srv.Close)
	return srv
}

// await returns when the thread is in that state. If it never is, the runtime's alarm says
// so.
func await(th *gv.Thread, s gv.State) {
	for th.State() != s {
		time.Sleep(time.Millisecond)
	}
}

// Requests that wait for their clients to read hold no worker: more of them than there are
// workers are blocked, not just found to be so, and lower threads run.
func TestSlowClientsHoldNoWorker(t *testing.T) {
	file := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(file, big, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		start func(*httptest.Server)
		write func(w http.ResponseWriter, r *http.Request)
	}{
		{"write", (*httptest.Server).Start, func(w http.ResponseWriter, r *http.Request) { w.Write(big) }},
		{"TLS", (*httptest.Server).StartTLS, func(w http.ResponseWriter, r *http.Request) { w.Write(big) }},
		{"copy", (*httptest.Server).Start, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(big)))
			io.Copy(w, struct{ io.Reader }{bytes.NewReader(big)})
		}},
		{"file", (*httptest.Server).Start, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
				clients := rt.Stats().Workers + 2
				threads := make(chan *gv.Thread, clients)
				srv := serveBehindListener(t, gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					threads <- gv.Current()
					tt.write(w, r)
				})), tt.start)
				transport := srv.Client().Transport.(*http.Transport)
				transport.ReadBufferSize = 1 // else it reads ahead
				transport.DialContext = dialSmall
				var answers []*http.Response
				for range clients {
					resp, err := srv.Client().Get(srv.URL)
					if err != nil {
						t.Fatal(err)
					}
					defer resp.Body.Close()
					answers = append(answers, resp)
					await(<-threads, gv.StateBlocked)
				}
				if err := rt.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.Low)).Wait(); err != nil {
					t.Error(err)
				}
				for _, resp := range answers {
					if got, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(got, big) {
						t.Errorf("%d bytes, error %v; want the %d that were written", len(got), err, len(big))
					}
				}
			})
		})
	}
}

// dialSmall dials with small buffers.
func dialSmall(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err == nil {
		smallBuffers(c)
	}
	return c, err
}

// A thread keeps its worker for writes that need not wait: no lower thread runs between
// them. A worker that was taken because the thread seemed to be blocked in Go says nothing.
func TestWritesThatNeedNotWaitKeepTheWorker(t *testing.T) {
	if goruntime.GOOS == "windows" {
		t.Skip("what can be written without waiting is not known there")
	}
	for _, engine := range []gv.Engine{gv.Native, gv.Portable} {
		t.Run(engine.String(), func(t *testing.T) {
			for range 10 {
				rt := enginetest.Open(t, gv.Config{Engine: engine, Workers: 1, MaxWait: time.Hour})
				var ran atomic.Bool
				early := make(chan bool, 1)
				srv := serveBehindListener(t, gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					gv.Go(func(context.Context) error { ran.Store(true); return nil }, gv.WithPriority(gv.Low))
					for range 10 {
						io.WriteString(w, "x")
						http.NewResponseController(w).Flush()
					}
					early <- ran.Load()
				})), (*httptest.Server).Start)
				if got := get(t, srv); got != "200 xxxxxxxxxx" {
					t.Errorf("answer %s", got)
				}
				srv.Close()
				if !<-early {
					return
				}
				if rt.Stats().Handoffs == 0 {
					t.Fatal("a lower thread has run between the writes")
				}
			}
			t.Skip("the machine is too busy: the worker was taken from the handler each time")
		})
	}
}

// What a handler copies from is read in its turn if that may take a computation.
func TestCopiedReadersKeepTheWorker(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		srv := serveBehindListener(t, gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(big)))
			from := readerFunc(bytes.NewReader(big).Read)
			if _, err := io.Copy(w, readerFunc(func(p []byte) (int, error) {
				if s := gv.Current().State(); s != gv.StateRunning {
					t.Errorf("the reader is called while its thread is %v", s)
				}
				return from(p)
			})); err != nil {
				t.Error(err)
			}
		})), (*httptest.Server).Start)
		if got, want := get(t, srv), "200 "+strings.TrimSpace(string(big)); got != want {
			t.Errorf("%d bytes, want %d", len(got), len(want))
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A server over a listener of crypto/tls would not know of the encryption.
func TestListenerAroundTLS(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	served := make(chan error, 1)
	go func() {
		served <- http.Serve(gvhttp.Listener(tls.NewListener(l, &tls.Config{Certificates: make([]tls.Certificate, 1)})), describe)
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := <-served; err == nil || !strings.Contains(err.Error(), "use tls.NewListener(gvhttp.Listener(l), config)") {
		t.Errorf("Serve: %v", err)
	}
	if n, err := c.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d bytes from a connection that was refused", n)
	}
}

// Errors of the listener are passed on.
func TestListenerFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if c, err := gvhttp.Listener(l).Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept of a closed listener: %v, error %v", c, err)
	}
}
