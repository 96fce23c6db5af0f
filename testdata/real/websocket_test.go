package real_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/coder/websocket"
	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvhttp"
)

// An echo is a WebSocket server in threads, which it tells of, and of how their
// connections ended.
type echo struct {
	threads chan *gv.Thread
	ended   chan error
}

func (e echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		e.ended <- err
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(-1)
	e.threads <- gv.Current()
	for {
		kind, message, err := conn.Read(r.Context())
		if err == nil {
			err = conn.Write(r.Context(), kind, message)
		}
		if err != nil {
			e.ended <- err
			return
		}
	}
}

// serveHTTP starts a server for h whose slow clients hold no worker, and returns its URL.
func serveHTTP(t *testing.T, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h}
	served := make(chan error)
	go func() { served <- srv.Serve(gvhttp.Listener(l)) }()
	t.Cleanup(func() {
		srv.Close()
		<-served
	})
	return "http://" + l.Addr().String()
}

// onEngines runs test on a runtime of each engine, which c sets up. It ends with the test.
func onEngines(t *testing.T, c gv.Config, test func(t *testing.T, rt *gv.Runtime)) {
	for _, c.Engine = range []gv.Engine{gv.Native, gv.Portable} {
		t.Run(c.Engine.String(), func(t *testing.T) {
			rt, err := gv.New(c)
			if err != nil {
				t.Skip(err)
			}
			t.Cleanup(func() {
				if err := rt.Close(); err != nil {
					t.Error(err)
				}
			})
			test(t, rt)
		})
	}
}

// connect opens connections, and returns them when their threads wait for messages.
func (e echo) connect(t *testing.T, url string, n int) (conns []*websocket.Conn) {
	t.Helper()
	for range n {
		conn, _, err := websocket.Dial(t.Context(), url, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.CloseNow() })
		conn.SetReadLimit(-1)
		conns = append(conns, conn)
		for th := <-e.threads; th.State() != gv.StateBlocked; {
			time.Sleep(time.Millisecond)
		}
	}
	return conns
}

// converse has each connection echo short and long messages.
func converse(t *testing.T, conns []*websocket.Conn) {
	t.Helper()
	for _, size := range []int{1, 1000, 4 << 20} {
		sent := bytes.Repeat([]byte("x"), size)
		for _, conn := range conns {
			// Written at once, since the echo is as long as the message.
			written := make(chan error, 1)
			go func() { written <- conn.Write(t.Context(), websocket.MessageBinary, sent) }()
			_, got, err := conn.Read(t.Context())
			if err != nil || !bytes.Equal(got, sent) {
				t.Fatalf("of %d bytes %d came back, error %v", size, len(got), err)
			}
			if err := <-written; err != nil {
				t.Fatal(err)
			}
		}
	}
}

// More connections than workers wait in their threads for messages, and hold no worker.
func TestWebSocket(t *testing.T) {
	onEngines(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		n := rt.Stats().Workers + 2
		e := echo{make(chan *gv.Thread, n), make(chan error, n)}
		conns := e.connect(t, serveHTTP(t, gvhttp.Handler(rt, e)), n)
		if err := rt.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.Low)).Wait(); err != nil {
			t.Error(err)
		}
		converse(t, conns)
		for _, conn := range conns {
			if err := conn.Close(websocket.StatusGoingAway, "bye"); err != nil {
				t.Error(err)
			}
			if err := <-e.ended; websocket.CloseStatus(err) != websocket.StatusGoingAway {
				t.Errorf("the server's read ended with %v", err)
			}
		}
	})
}

// A proxy in a thread serves both directions of a connection.
func TestWebSocketThroughReverseProxy(t *testing.T) {
	onEngines(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		e := echo{make(chan *gv.Thread, 1), make(chan error, 1)}
		to, err := url.Parse(serveHTTP(t, gvhttp.Handler(rt, e)))
		if err != nil {
			t.Fatal(err)
		}
		proxy := serveHTTP(t, gvhttp.Handler(rt, &httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
		}))
		conns := e.connect(t, proxy, 1)
		converse(t, conns)
		if err := conns[0].Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Error(err)
		}
		if err := <-e.ended; websocket.CloseStatus(err) != websocket.StatusNormalClosure {
			t.Errorf("the server's read ended with %v", err)
		}
	})
}

// The runtime's Close ends the connections of handlers that read with their request's
// context.
func TestWebSocketEndsWithTheRuntime(t *testing.T) {
	onEngines(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		const n = 3
		e := echo{make(chan *gv.Thread, n), make(chan error, n)}
		conns := e.connect(t, serveHTTP(t, gvhttp.Handler(rt, e)), n)
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
		for _, conn := range conns {
			if _, message, err := conn.Read(t.Context()); err == nil {
				t.Errorf("message %q", message)
			}
			if err := <-e.ended; err == nil {
				t.Error("the server's read ended without an error")
			}
		}
	})
}
