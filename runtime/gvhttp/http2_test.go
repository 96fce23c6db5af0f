package gvhttp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvhttp"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// onHTTP2 runs test with servers and clients that speak HTTP/2, with encryption and
// without.
func onHTTP2(t *testing.T, test func(t *testing.T, rt *gv.Runtime, start func(*httptest.Server))) {
	for name, start := range map[string]func(*httptest.Server){
		"TLS": func(srv *httptest.Server) {
			srv.EnableHTTP2 = true
			srv.StartTLS()
		},
		"unencrypted": func(srv *httptest.Server) {
			var only http.Protocols
			only.SetUnencryptedHTTP2(true)
			srv.Config.Protocols = &only
			srv.Start()
			srv.Client().Transport.(*http.Transport).Protocols = &only
		},
	} {
		t.Run(name, func(t *testing.T) {
			enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
				test(t, rt, func(srv *httptest.Server) {
					srv.Config.ConnContext = nil // what is on the way is bounded by HTTP/2, not by small buffers
					start(srv)
				})
			})
		})
	}
}

// The streams of a connection are threads of their own.
func TestHTTP2(t *testing.T) {
	onHTTP2(t, func(t *testing.T, rt *gv.Runtime, start func(*httptest.Server)) {
		const streams = 20
		var together sync.WaitGroup // all are in their handlers at once
		together.Add(streams)
		srv := serveBehindListener(t, gvhttp.PerRequest(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			together.Done()
			gv.Block(together.Wait)
			fmt.Fprintln(w, r.Proto, gv.Current().Name(), gv.Current().Priority())
			io.Copy(w, r.Body)
		}), func(r *http.Request) []gv.Option {
			return []gv.Option{gv.WithName(r.Header.Get("X-Name")), gv.WithPriority(gv.High)}
		}), start)
		var all sync.WaitGroup
		for i := range streams {
			all.Go(func() {
				sent := strings.Repeat("x", i<<10)
				req, err := http.NewRequest("POST", srv.URL, strings.NewReader(sent))
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("X-Name", fmt.Sprint(i))
				resp, err := srv.Client().Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				defer resp.Body.Close()
				got, err := io.ReadAll(resp.Body)
				if want := fmt.Sprintf("HTTP/2.0 %d High\n%s", i, sent); err != nil || string(got) != want {
					t.Errorf("answer %.30q, %d bytes, error %v; want %.30q, %d", got, len(got), err, want, len(want))
				}
			})
		}
		all.Wait()
	})
}

// A stream that is cancelled cancels its thread, and no other on the connection.
func TestHTTP2StreamIsCancelled(t *testing.T) {
	onHTTP2(t, func(t *testing.T, rt *gv.Runtime, start func(*httptest.Server)) {
		gone, staying := newStream(), newStream()
		mux := http.NewServeMux()
		mux.Handle("/gone", gone)
		mux.Handle("/staying", staying)
		srv := serveBehindListener(t, gvhttp.Handler(rt, mux), start)
		resp, err := srv.Client().Get(srv.URL + "/staying")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		gone.follow(t, srv.Client(), srv.URL+"/gone")
		if err := <-gone.ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the cancelled stream's wait ended with %v", err)
		}
		staying.next <- "still here"
		const want = "data: still here\n\n"
		got := make([]byte, len(want))
		if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != want {
			t.Errorf("the other stream brings %q, error %v", got, err)
		}
	})
}

// Streams that nobody reads keep no lower thread from running, though their handlers wait
// in net/http.
func TestHTTP2SlowClients(t *testing.T) {
	onHTTP2(t, func(t *testing.T, rt *gv.Runtime, start func(*httptest.Server)) {
		srv := serveBehindListener(t, gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Write(big)
		})), start)
		// What a client takes unread.
		srv.Client().Transport.(*http.Transport).HTTP2 = &http.HTTP2Config{MaxReceiveBufferPerStream: 64 << 10}
		var answers []*http.Response
		for range rt.Stats().Workers + 2 {
			resp, err := srv.Client().Get(srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			answers = append(answers, resp)
		}
		if err := rt.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.Low)).Wait(); err != nil {
			t.Error(err)
		}
		if n := rt.Stats().Threads; n != len(answers) {
			t.Errorf("%d threads are alive, want %d: the handlers don't wait for the client", n, len(answers))
		}
		for _, resp := range answers {
			if got, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(got, big) {
				t.Errorf("%d bytes, error %v; want %d", len(got), err, len(big))
			}
		}
	})
}
