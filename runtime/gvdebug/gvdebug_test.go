package gvdebug_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvdebug"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// until waits for a condition.
func until(condition func() bool) {
	for !condition() {
		time.Sleep(time.Millisecond)
	}
}

// park starts a thread that waits until it is cancelled.
func park(rt *gv.Runtime, opts ...gv.Option) *gv.Thread {
	return rt.Go(func(ctx context.Context) error {
		gv.Block(func() { <-ctx.Done() })
		return nil
	}, opts...)
}

// ask returns what h answers.
func ask(t *testing.T, h http.Handler, method, target string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

// get decodes what h answers, in JSON.
func get[T any](t *testing.T, h http.Handler, target string) (v T) {
	t.Helper()
	w := ask(t, h, "GET", target)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("GET %s: %d, %s, %.200s", target, w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("GET %s: %v", target, err)
	}
	return v
}

// endpoints are what Handler documents, but for events, which don't end, with their types.
var endpoints = map[string]string{
	"/":                  "text/html; charset=utf-8",
	"/stats.json":        "application/json",
	"/threads.json":      "application/json",
	"/capabilities.json": "application/json",
	"/dump":              "text/plain; charset=utf-8",

	"/timeline?seconds=0.01": "application/json",
}

// Each endpoint answers, and has the browser keep nothing, and load nothing from elsewhere.
func TestEndpoints(t *testing.T) {
	h := gvdebug.Handler(enginetest.Open(t, gv.Config{}))
	for target, contentType := range endpoints {
		w := ask(t, h, "GET", target)
		if w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("GET %s: %d, %d bytes", target, w.Code, w.Body.Len())
		}
		for key, want := range map[string]string{
			"Content-Type":           contentType,
			"Cache-Control":          "no-store",
			"X-Content-Type-Options": "nosniff",
			"Referrer-Policy":        "no-referrer",
		} {
			if got := w.Header().Get(key); got != want {
				t.Errorf("GET %s: %s is %q, want %q", target, key, got, want)
			}
		}
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
			t.Errorf("GET %s: the policy is %q", target, policy)
		}
	}
	for _, target := range []string{"/nothing", "/dump/", "/page/page.js", "/index.html/.."} {
		if w := ask(t, h, "GET", target); w.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d, want 404", target, w.Code)
		}
	}
}

// All that the page names is there, and each file that is embedded is served.
func TestPageIsComplete(t *testing.T) {
	h := gvdebug.Handler(enginetest.Open(t, gv.Config{}))
	files, err := os.ReadDir("page")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`(?:href|src)="([^"]*)"|from '\./([^']*)'|(?:fetch|EventSource)\(['\x60]([^'?\x60]*)`)
	for _, f := range files {
		want, err := os.ReadFile("page/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		target := "/" + strings.TrimSuffix(f.Name(), "index.html")
		w := ask(t, h, "GET", target)
		if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), want) {
			t.Errorf("GET %s: %d, %d bytes; page/%s has %d", target, w.Code, w.Body.Len(), f.Name(), len(want))
		}
		for _, m := range link.FindAllSubmatch(want, -1) {
			to := string(bytes.Join(m[1:], nil))
			// Not GET, which would follow the events.
			if w := ask(t, h, "HEAD", "/"+to); w.Code != http.StatusOK || strings.HasPrefix(to, "/") {
				t.Errorf("page/%s has a link to %q, which answers %d", f.Name(), to, w.Code)
			}
		}
	}
}

// What is not to read is refused, with what is allowed. HEAD is GET without the body, also of
// the events, which it doesn't wait for.
func TestMethods(t *testing.T) {
	srv := httptest.NewServer(gvdebug.Handler(enginetest.Open(t, gv.Config{})))
	defer srv.Close()
	do := func(method, target string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := srv.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(body)
	}
	targets := map[string]string{"/events": "text/event-stream"}
	for target, contentType := range endpoints {
		targets[target] = contentType
	}
	for target, contentType := range targets {
		for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
			resp, body := do(method, target)
			if resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") != "GET, HEAD" || !strings.Contains(body, "use GET") {
				t.Errorf("%s %s: %s, Allow %q, %q", method, target, resp.Status, resp.Header.Get("Allow"), body)
			}
		}
		resp, body := do("HEAD", target)
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != contentType || body != "" {
			t.Errorf("HEAD %s: %s, %s, %q", target, resp.Status, resp.Header.Get("Content-Type"), body)
		}
	}
}

// Register serves the page where it says, and elsewhere nothing; importing the package serves
// it nowhere.
func TestRegister(t *testing.T) {
	rt := enginetest.Open(t, gv.Config{Workers: 3})
	mux := http.NewServeMux()
	gvdebug.Register(mux, rt)
	if s := get[gvdebug.Snapshot](t, mux, "/debug/gv/stats.json"); s.Stats.Workers != 3 {
		t.Errorf("%d workers, want 3", s.Stats.Workers)
	}
	if w := ask(t, mux, "GET", "/debug/gv"); w.Header().Get("Location") != "/debug/gv/" {
		t.Errorf("without the slash: %d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := ask(t, mux, "GET", "/stats.json"); w.Code != http.StatusNotFound {
		t.Errorf("at the top: %d", w.Code)
	}
	if _, pattern := http.DefaultServeMux.Handler(httptest.NewRequest("GET", "/debug/gv/", nil)); pattern != "" {
		t.Errorf("http.DefaultServeMux has %q", pattern)
	}
}

// Handler of nil shows the default runtime.
func TestDefaultRuntime(t *testing.T) {
	h := gvdebug.Handler(nil)
	before := get[gvdebug.Snapshot](t, h, "/stats.json").Stats.Started
	if err := gv.Run(func(context.Context) error { return nil }); err != nil {
		t.Error(err)
	}
	if now := get[gvdebug.Snapshot](t, h, "/stats.json").Stats.Started; now != before+1 {
		t.Errorf("%d threads were started, and after another one %d", before, now)
	}
}

// All is answered while Critical threads spin on all workers, to a client over the network,
// too, and also when the runtime is closed.
func TestAnswersWhileWorkersSpin(t *testing.T) {
	enginetest.Each(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		var over atomic.Bool
		t.Cleanup(func() { over.Store(true) })
		for range 3 {
			rt.Go(func(context.Context) error {
				for !over.Load() {
				}
				return nil
			}, gv.WithPriority(gv.Critical), gv.WithName("spinner"))
		}
		srv := httptest.NewServer(gvdebug.Handler(rt))
		defer srv.Close()
		until(func() bool { return rt.Stats().Idle == 0 })
		read := func(target string) string {
			t.Helper()
			resp, err := srv.Client().Get(srv.URL + target)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != http.StatusOK {
				t.Errorf("GET %s: %s, %v", target, resp.Status, err)
			}
			return string(body)
		}
		for target := range endpoints {
			began := time.Now()
			read(target)
			t.Logf("%s took %v", target, time.Since(began))
		}
		if list := read("/threads.json?match=SPIN"); !strings.Contains(list, `"Matching":3`) {
			t.Errorf("of three threads that spin: %s", list)
		}
		if dump := read("/dump"); strings.Count(dump, "spinner") != 5 {
			t.Errorf("not all three threads, and two of them on workers, are in\n%s", dump)
		}
		over.Store(true)
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
		for target := range endpoints {
			if !strings.HasPrefix(target, "/timeline") { // of nothing
				read(target)
			}
		}
		if s := read("/stats.json"); !strings.Contains(s, `"Closed":true`) {
			t.Errorf("of a closed runtime: %s", s)
		}
	})
}
