package gvdebug_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	goruntime "runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvdebug"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// A stream is a client's side of events.
type stream struct {
	t    *testing.T
	resp *http.Response
	r    *bufio.Reader
}

// listen asks a server for its events. The stream ends with ctx.
func listen(ctx context.Context, t *testing.T, client *http.Client, url string) *stream {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Errorf("%s, %s", resp.Status, got)
	}
	return &stream{t, resp, bufio.NewReader(resp.Body)}
}

// next returns the next event's snapshot; the error is io.EOF where the server has ended the
// stream.
func (s *stream) next() (snapshot gvdebug.Snapshot, err error) {
	s.t.Helper()
	for {
		line, err := s.r.ReadString('\n')
		if err != nil {
			return snapshot, err
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			if err := json.Unmarshal([]byte(data), &snapshot); err != nil {
				s.t.Error(err)
			}
			return snapshot, nil
		}
	}
}

// Events come while the runtime works, and say what has changed. The last one says that the
// runtime is closed; whoever asks later gets that one alone.
func TestEvents(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		srv := httptest.NewServer(gvdebug.Handler(rt))
		defer srv.Close()
		s := listen(t.Context(), t, srv.Client(), srv.URL+"/events")
		first, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		if err := rt.Go(func(context.Context) error { return nil }).Wait(); err != nil {
			t.Error(err)
		}
		second, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		if first.Stats.Closed || second.Stats.Started != first.Stats.Started+1 || !second.Time.After(first.Time) {
			t.Errorf("first %+v, then %+v", first, second)
		}
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
		for _, s := range []*stream{s, listen(t.Context(), t, srv.Client(), srv.URL+"/events")} {
			last, err := s.next()
			for err == nil && !last.Stats.Closed {
				last, err = s.next()
			}
			if _, end := s.next(); err != nil || end != io.EOF {
				t.Errorf("the last event: %+v, %v; after it: %v", last, err, end)
			}
		}
	})
}

// Streams end when their client leaves and when the server shuts down, which then doesn't
// wait, and leave no goroutine behind.
func TestEventsLeaveNothing(t *testing.T) {
	rt := enginetest.Open(t, gv.Config{})
	h := gvdebug.Handler(rt)
	for name, end := range map[string]func(leave func(), srv *httptest.Server){
		"client": func(leave func(), _ *httptest.Server) { leave() },
		"shutdown": func(_ func(), srv *httptest.Server) {
			for range 2 { // also again
				if err := srv.Config.Shutdown(context.Background()); err != nil {
					t.Error(err)
				}
			}
		},
		"close": func(_ func(), srv *httptest.Server) { srv.CloseClientConnections() },
	} {
		t.Run(name, func(t *testing.T) {
			before := goruntime.NumGoroutine()
			srv := httptest.NewServer(h)
			client := &http.Client{Transport: &http.Transport{}}
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			var streams []*stream
			for range 20 {
				s := listen(ctx, t, client, srv.URL+"/events")
				if _, err := s.next(); err != nil {
					t.Fatal(err)
				}
				streams = append(streams, s)
			}
			end(leave, srv)
			for _, s := range streams {
				for _, err := s.next(); err == nil; {
					_, err = s.next()
				}
				s.resp.Body.Close()
			}
			client.CloseIdleConnections()
			srv.Close()
			until(func() bool { return goruntime.NumGoroutine() <= before })
		})
	}
}

// A stream that nobody ends is ended after a minute, in which there was an event every second:
// should the server have begun to shut down before the handler knew of it, it waits no longer.
func TestStreamLasts(t *testing.T) {
	rt := enginetest.Open(t, gv.Config{})
	synctest.Test(t, func(t *testing.T) {
		w := httptest.NewRecorder()
		began := time.Now()
		gvdebug.Handler(rt).ServeHTTP(w, httptest.NewRequest("GET", "/events", nil))
		if took := time.Since(began); took != time.Minute {
			t.Errorf("it took %v", took)
		}
		if n := strings.Count(w.Body.String(), "\ndata: {"); n < 60 || n > 61 {
			t.Errorf("%d events in a minute", n)
		}
		if !strings.HasPrefix(w.Body.String(), "retry: ") || !w.Flushed {
			t.Errorf("flushed %v: %.100s", w.Flushed, w.Body)
		}
	})
}

// A stalled client takes nothing from some event on.
type stalled struct {
	*httptest.ResponseRecorder
	takes    int
	deadline time.Time
}

func (s *stalled) SetWriteDeadline(at time.Time) error {
	s.deadline = at
	return nil
}

func (s *stalled) Write(data []byte) (int, error) {
	if s.takes--; s.takes < 0 {
		time.Sleep(time.Until(s.deadline))
		return 0, os.ErrDeadlineExceeded
	}
	return s.ResponseRecorder.Write(data)
}

// A client that takes nothing is given up after ten seconds.
func TestStalledClient(t *testing.T) {
	rt := enginetest.Open(t, gv.Config{})
	synctest.Test(t, func(t *testing.T) {
		w := &stalled{ResponseRecorder: httptest.NewRecorder(), takes: 3}
		began := time.Now()
		gvdebug.Handler(rt).ServeHTTP(w, httptest.NewRequest("GET", "/events", nil))
		if took := time.Since(began); took < 10*time.Second || took > 15*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// A brokenWriter can't set a deadline.
type brokenWriter struct{ *httptest.ResponseRecorder }

func (brokenWriter) SetWriteDeadline(time.Time) error { return errors.New("broken") }

// Without a deadline an event might be written for ever: none is.
func TestStreamWithoutDeadline(t *testing.T) {
	w := brokenWriter{httptest.NewRecorder()}
	gvdebug.Handler(enginetest.Open(t, gv.Config{})).ServeHTTP(w, httptest.NewRequest("GET", "/events", nil))
	if strings.Contains(w.Body.String(), "data:") {
		t.Errorf("an event was written: %s", w.Body)
	}
}

// Middleware that can't flush can't have events, and is told so.
func TestNoFlush(t *testing.T) {
	w := httptest.NewRecorder()
	gvdebug.Handler(enginetest.Open(t, gv.Config{})).ServeHTTP(struct{ http.ResponseWriter }{w}, httptest.NewRequest("GET", "/events", nil))
	if w.Code != http.StatusNotImplemented || !strings.HasPrefix(w.Body.String(), "gvdebug: sending events: ") || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%d, %s, %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
}
