package gvhttp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvhttp"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// A stream is a handler that sends an event whenever it is told to, until its client goes
// away, and then says how that ended its wait.
type stream struct {
	next  chan string
	ended chan error
}

func newStream() *stream { return &stream{make(chan string), make(chan error, 1)} }

func (s *stream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w).Flush
	for {
		if err := flush(); err != nil {
			s.ended <- err
			return
		}
		select {
		case <-r.Context().Done():
			s.ended <- context.Cause(r.Context())
			return
		case event := <-s.next:
			fmt.Fprintf(w, "data: %s\n\n", event)
		}
	}
}

// follow reads the events of s from url as they are sent: each has come before the next is
// sent. Then it goes away.
func (s *stream) follow(t *testing.T, client *http.Client, url string) {
	t.Helper()
	ctx, goAway := context.WithCancel(t.Context())
	defer goAway()
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for i := range 20 {
		s.next <- fmt.Sprint(i)
		if !lines.Scan() || lines.Text() != fmt.Sprint("data: ", i) || !lines.Scan() {
			t.Fatalf("event %d is %q, error %v", i, lines.Text(), lines.Err())
		}
	}
}

func TestServerSentEvents(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		s := newStream()
		srv := serveBehindListener(t, gvhttp.Handler(rt, s), (*httptest.Server).Start)
		s.follow(t, srv.Client(), srv.URL)
		if err := <-s.ended; !errors.Is(err, context.Canceled) {
			t.Errorf("when the client went away, the handler's wait ended with %v", err)
		}
	})
}

// The runtime's Close ends a stream, which is complete for its client.
func TestRuntimeIsClosedBesideAStream(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		s := newStream()
		srv := serveBehindListener(t, gvhttp.Handler(rt, s), (*httptest.Server).Start)
		resp, err := srv.Client().Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
		if err := <-s.ended; !errors.Is(err, gv.ErrRuntimeClosed) {
			t.Errorf("the handler's wait ended with %v", err)
		}
		if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) > 0 {
			t.Errorf("the rest of the stream is %q, error %v", rest, err)
		}
	})
}

// A proxy in a thread passes on what comes as it comes, and that its client goes away.
func TestReverseProxyStreams(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		s := newStream()
		backend := serveBehindListener(t, gvhttp.Handler(rt, s), (*httptest.Server).Start)
		to, err := url.Parse(backend.URL)
		if err != nil {
			t.Fatal(err)
		}
		proxy := &httputil.ReverseProxy{
			Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(to) },
			Transport: backend.Client().Transport,
		}
		// net/http aborts the response when the client has gone, by a panic.
		aborted := make(chan any, 1)
		h := gvhttp.Handler(rt, proxy, gv.WithPriority(gv.High))
		front := serveBehindListener(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				v := recover()
				aborted <- v
				if v != nil {
					panic(v)
				}
			}()
			h.ServeHTTP(w, r)
		}), (*httptest.Server).Start)
		s.follow(t, front.Client(), front.URL)
		if err := <-s.ended; !errors.Is(err, context.Canceled) {
			t.Errorf("when the proxy's client went away, the backend's wait ended with %v", err)
		}
		if v := <-aborted; v != http.ErrAbortHandler {
			t.Errorf("the proxy ended with the panic %v, want %v", v, http.ErrAbortHandler)
		}
	})
}

// Around gvhttp.Handler, http.TimeoutHandler leaves the priority to those who are in time,
// and cancels the threads of those who are not.
func TestTimeoutHandler(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		inTime, _ := serve(t, http.TimeoutHandler(gvhttp.Handler(rt, describe), time.Hour, "late"))
		if got, want := get(t, inTime), `200 "" Critical`; got != want {
			t.Errorf("in time the answer is %s, want %s", got, want)
		}

		ended := make(chan error, 1)
		late, _ := serve(t, http.TimeoutHandler(gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "half of it")
			ended <- gv.Sleep(time.Hour)
		})), time.Second/5, "late"))
		if got, want := get(t, late), "503 late"; got != want {
			t.Errorf("too late the answer is %s, want %s", got, want)
		}
		late.Close()
		if err := rt.Shutdown(t.Context()); err != nil { // the thread has no answer to give
			t.Error(err)
		}
		select {
		case err := <-ended:
			if !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the thread's wait ended with %v", err)
			}
		default:
			t.Skip("the machine is too busy: the time was over before the handler's first turn")
		}
	})
}
