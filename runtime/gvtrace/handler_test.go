package gvtrace_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtrace"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// ask sends a request to a handler.
func ask(h http.Handler, method, target string) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w.Result()
}

// body reads the body of an answer.
func body(t *testing.T, r *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestHandler(t *testing.T) {
	enginetest.Each(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		defer tick(rt).Cancel(nil)
		untilTicks(t, func(d time.Duration) []byte {
			return body(t, ask(gvtrace.Handler(rt), "GET", fmt.Sprint("/?seconds=", d.Seconds())))
		})
		resp := ask(gvtrace.Handler(rt), "GET", "/?seconds=.001")
		if h := resp.Header; resp.StatusCode != 200 || h.Get("Content-Type") != "application/json" || h.Get("X-Content-Type-Options") != "nosniff" ||
			h.Get("Cache-Control") != "no-store" || h.Get("Content-Disposition") != `attachment; filename="gvtrace.json"` {
			t.Errorf("answer %d with %v", resp.StatusCode, h)
		}
	})
}

// What can't be recorded is answered with the reason.
func TestHandlerRefuses(t *testing.T) {
	rt := enginetest.Open(t, gv.Config{})
	h := gvtrace.Handler(rt)
	check := func(h http.Handler, method, target string, status int, text string) {
		t.Helper()
		resp := ask(h, method, target)
		if got := string(body(t, resp)); resp.StatusCode != status || !strings.HasPrefix(got, "gvtrace: ") || !strings.Contains(got, text) {
			t.Errorf("%s %s: %d %q, want %d with %q", method, target, resp.StatusCode, got, status, text)
		}
	}
	for _, seconds := range []string{"0", "-1", "x", "NaN", "Inf", "1e300", "3601", "5s"} {
		check(h, "GET", "/?seconds="+seconds, 400, strconv.Quote(seconds))
	}
	check(h, "POST", "/?seconds=1", 405, "POST is not allowed")
	if allow := ask(h, "DELETE", "/").Header.Get("Allow"); allow != "GET, HEAD" {
		t.Errorf("allowed are %q", allow)
	}
	if resp := ask(h, "HEAD", "/?seconds=3600"); resp.StatusCode != 200 || len(body(t, resp)) > 0 {
		t.Errorf("HEAD: %d", resp.StatusCode)
	}
	if err := rt.Close(); err != nil {
		t.Fatal(err)
	}
	check(h, "GET", "/", 503, "runtime closed")
	check(gvtrace.Handler(nil), "GET", "/?seconds=y", 400, "y")
	if tl := read(t, body(t, ask(gvtrace.Handler(nil), "GET", "/?seconds=0.001"))); tl.end == 0 {
		t.Error("the default runtime has no timeline")
	}
}

// The server's WriteTimeout would end the answer.
func TestHandlerKnowsWriteTimeout(t *testing.T) {
	srv := httptest.NewUnstartedServer(gvtrace.Handler(enginetest.Open(t, gv.Config{})))
	srv.Config.WriteTimeout = time.Minute
	srv.Start()
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL + "/?seconds=60")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text := body(t, resp); resp.StatusCode != 400 || !bytes.Contains(text, []byte("WriteTimeout is 1m0s")) {
		t.Errorf("answer %d %s", resp.StatusCode, text)
	}
}

// A negative WriteTimeout is none, as in net/http.
func TestHandlerWithoutWriteTimeout(t *testing.T) {
	srv := httptest.NewUnstartedServer(gvtrace.Handler(enginetest.Open(t, gv.Config{})))
	srv.Config.WriteTimeout = -1
	srv.Start()
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL + "/?seconds=.001")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text := body(t, resp); resp.StatusCode != 200 {
		t.Errorf("answer %d %s", resp.StatusCode, text)
	}
}

// When the client goes away the recording ends.
func TestHandlerClientGoesAway(t *testing.T) {
	h := gvtrace.Handler(enginetest.Open(t, gv.Config{}))
	ctx, cancel := context.WithCancel(t.Context())
	returned := make(chan *httptest.ResponseRecorder)
	go func() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/?seconds=3600", nil).WithContext(ctx))
		returned <- w
	}()
	cancel()
	if w := <-returned; w.Body.Len() > 0 {
		t.Errorf("it has written %q", w.Body)
	}
}
