package gvhttp_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	goruntime "runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvhttp"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// serve starts a server for h, whose log goes to the buffer. Both end with the
// test; the log is complete when the server is closed.
func serve(t *testing.T, h http.Handler) (*httptest.Server, *bytes.Buffer) {
	t.Helper()
	var written bytes.Buffer
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(&written, "", 0)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv, &written
}

// get returns what the server answers, status and body.
func get(t *testing.T, srv *httptest.Server) string {
	t.Helper()
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(resp.StatusCode, " ", strings.TrimSpace(string(body)))
}

func TestRunsInThread(t *testing.T) {
	describe := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		th := gv.Current()
		if th == nil {
			fmt.Fprint(w, "no thread")
			return
		}
		_, isServer := r.Context().Value(http.ServerContextKey).(*http.Server)
		fmt.Fprintf(w, "%q %v %v", th.Name(), th.Priority(), isServer)
	})
	for _, tt := range []struct {
		name string
		opts []gv.Option
		want string
	}{
		{"default", nil, `200 "" Critical true`},
		{"options", []gv.Option{gv.WithName("request"), gv.WithPriority(gv.High)}, `200 "request" High true`},
		{"context", []gv.Option{gv.WithContext(context.Background())}, `200 "" Critical true`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
				srv, _ := serve(t, gvhttp.Handler(rt, describe, tt.opts...))
				for range 3 {
					if got := get(t, srv); got != tt.want {
						t.Errorf("answer %s, want %s", got, tt.want)
					}
				}
			})
		})
	}
	t.Run("default runtime", func(t *testing.T) {
		srv, _ := serve(t, gvhttp.Handler(nil, describe))
		if got, want := get(t, srv), `200 "" Critical true`; got != want {
			t.Errorf("answer %s, want %s", got, want)
		}
	})
}

func TestNilHandlerPanics(t *testing.T) {
	defer func() {
		if v := recover(); fmt.Sprint(v) != "gvhttp: nil handler" {
			t.Errorf("panic %v", v)
		}
	}()
	gvhttp.Handler(nil, nil)
}

func TestStreamsWhileItRuns(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		more := make(chan struct{})
		srv, _ := serve(t, gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "one,")
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			gv.Block(func() { <-more })
			io.WriteString(w, "two")
		})))
		resp, err := srv.Client().Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		first := make([]byte, 4)
		if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "one," {
			t.Fatalf("the first part is %q, error %v", first, err)
		}
		close(more)
		if rest, err := io.ReadAll(resp.Body); err != nil || string(rest) != "two" {
			t.Errorf("the rest is %q, error %v", rest, err)
		}
	})
}

func TestClientGoesAway(t *testing.T) {
	for _, wait := range []struct {
		name string
		wait func(context.Context) error
	}{
		{"sleeping", func(context.Context) error { return gv.Sleep(time.Hour) }},
		{"on the context", func(ctx context.Context) (err error) {
			gv.Block(func() { <-ctx.Done() })
			if err := ctx.Err(); err != context.Canceled {
				return fmt.Errorf("its Err is %w", err)
			}
			return gv.Sleep(time.Hour)
		}},
	} {
		t.Run(wait.name, func(t *testing.T) {
			enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
				began, ended := make(chan struct{}), make(chan error, 1)
				srv, _ := serve(t, gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					close(began)
					ended <- wait.wait(r.Context())
				})))
				ctx, goAway := context.WithCancel(t.Context())
				go func() {
					<-began
					goAway()
				}()
				req, err := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
				if err != nil {
					t.Fatal(err)
				}
				if resp, err := srv.Client().Do(req); err == nil {
					resp.Body.Close()
					t.Errorf("an answer, %s, to a client that went away", resp.Status)
				}
				if err := <-ended; !errors.Is(err, gv.ErrCancelled) {
					t.Errorf("the thread's wait ended with %v, want %v", err, gv.ErrCancelled)
				}
			})
		})
	}
}

// A caller that is itself a thread, and cancelled, must not return while the
// handler may still write.
func TestCancelledCallerWaitsForTheHandler(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		var finished atomic.Bool
		began, cancelled := make(chan struct{}), make(chan struct{})
		h := gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(began)
			gv.Block(func() { <-cancelled })
			for range 100 {
				gv.Yield() // time for the caller to go wrong
			}
			io.WriteString(w, "done")
			finished.Store(true)
		}))
		rec := httptest.NewRecorder()
		caller := rt.Go(func(context.Context) error {
			h.ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
			if !finished.Load() {
				return errors.New("ServeHTTP returned before the handler")
			}
			return nil
		})
		<-began
		caller.Cancel(nil)
		close(cancelled)
		if err := caller.Wait(); err != nil {
			t.Error(err)
		}
		if rec.Body.String() != "done" {
			t.Errorf("answer %q", rec.Body)
		}
	})
}

func TestPanicReachesTheCaller(t *testing.T) {
	for name, value := range map[string]any{
		"error":  errors.New("out of luck"),
		"string": "out of luck",
		"abort":  http.ErrAbortHandler,
	} {
		t.Run(name, func(t *testing.T) {
			enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
				h := gvhttp.Handler(rt, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
					panicWith(value)
				}))
				var seen any
				srv, written := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					defer func() { seen = recover() }()
					h.ServeHTTP(w, r)
				}))
				if got, want := get(t, srv), "200 "; got != want { // the middleware swallows it
					t.Errorf("answer %q, want %q", got, want)
				}
				srv.Close()
				if seen != value {
					t.Errorf("the caller recovered %v, want %v", seen, value)
				}
				if written.Len() > 0 {
					t.Errorf("what the caller has recovered is in the log:\n%s", written)
				}
			})
		})
	}
}

// The server logs a panic that nobody recovers with one stack, from the function that
// panicked through the handler to the server itself.
func TestServerLogsTheWholeStack(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		srv, written := serve(t, gvhttp.Handler(rt, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			panicWith("out of luck")
		})))
		if resp, err := srv.Client().Get(srv.URL); err == nil {
			resp.Body.Close()
			t.Errorf("answer %s, want a connection that is closed", resp.Status)
		}
		srv.Close()
		text := written.String()
		for _, want := range []string{"out of luck", "gvhttp_test.panicWith(", "gvhttp.(*handler).ServeHTTP(", "net/http.(*conn).serve("} {
			_, after, found := strings.Cut(text, want)
			if !found {
				t.Fatalf("the log lacks %q, or has it too early:\n%s", want, written)
			}
			text = after
		}
	})
}

// panicWith has a name to be found in a stack.
//
//go:noinline
func panicWith(v any) { panic(v) }

// What ends a connection without the wrapper ends it with it, and the server
// goes on.
func TestAbnormalEnds(t *testing.T) {
	for name, end := range map[string]func(){
		"panic":  func() { panic("out of luck") },
		"abort":  func() { panic(http.ErrAbortHandler) },
		"goexit": goruntime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
				var once atomic.Bool
				srv, _ := serve(t, gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method == "POST" && once.CompareAndSwap(false, true) {
						end()
					}
					io.WriteString(w, "fine")
				})))
				// POST is not sent again by the client.
				resp, err := srv.Client().Post(srv.URL, "text/plain", strings.NewReader("x"))
				if err == nil {
					resp.Body.Close()
					t.Errorf("answer %s, want a connection that is closed", resp.Status)
				}
				if got, want := get(t, srv), "200 fine"; got != want {
					t.Errorf("the next answer is %s, want %s", got, want)
				}
			})
		})
	}
}

func TestUnavailable(t *testing.T) {
	never := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler ran") })
	const want = "503 Service Unavailable"

	t.Run("closed", func(t *testing.T) {
		rt := enginetest.Open(t, gv.Config{})
		if err := rt.Close(); err != nil {
			t.Fatal(err)
		}
		srv, _ := serve(t, gvhttp.Handler(rt, never))
		if got := get(t, srv); got != want {
			t.Errorf("answer %s, want %s", got, want)
		}
	})
	t.Run("full", func(t *testing.T) {
		rt := enginetest.Open(t, gv.Config{MaxThreads: 1})
		full := rt.Go(func(ctx context.Context) error { return gv.Sleep(time.Hour) })
		defer full.Cancel(nil)
		srv, _ := serve(t, gvhttp.Handler(rt, never))
		if got := get(t, srv); got != want {
			t.Errorf("answer %s, want %s", got, want)
		}
	})
}

// The caller and the server find in their request what the handler has set there.
func TestRequestIsGivenBack(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /x/{id}", func(http.ResponseWriter, *http.Request) {})
		r := httptest.NewRequest("GET", "/x/1", strings.NewReader("body"))
		ctx, b := r.Context(), r.Body
		gvhttp.Handler(rt, mux).ServeHTTP(httptest.NewRecorder(), r)
		if r.Pattern != "GET /x/{id}" || r.PathValue("id") != "1" {
			t.Errorf("pattern %q, id %q", r.Pattern, r.PathValue("id"))
		}
		if r.Context() != ctx || r.Body != b {
			t.Error("the caller's context or body has changed")
		}

		if goruntime.GOOS == "windows" {
			return // TMPDIR means nothing there
		}
		// The server removes the files of MultipartForm.
		dir := t.TempDir()
		t.Setenv("TMPDIR", dir)
		srv, _ := serve(t, gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := r.ParseMultipartForm(1); err != nil {
				t.Error(err)
			}
		})))
		var form bytes.Buffer
		m := multipart.NewWriter(&form)
		file, err := m.CreateFormFile("f", "f")
		if err != nil {
			t.Fatal(err)
		}
		file.Write(make([]byte, 11<<20))
		m.Close()
		resp, err := srv.Client().Post(srv.URL, m.FormDataContentType(), &form)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		srv.Close()
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("temporary files are left: %v, error %v", left, err)
		}
	})
}

// The trailer comes with the end of the body, announced or not.
func TestTrailer(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		srv, _ := serve(t, gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			fmt.Fprint(w, r.Trailer)
		})))
		for _, announced := range []string{"", "Trailer: X-Sum\r\n"} {
			c, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n%s\r\n3\r\nabc\r\n0\r\nX-Sum: 42\r\n\r\n", announced)
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(resp.Body)
			c.Close()
			if want := "map[X-Sum:[42]]"; err != nil || string(got) != want {
				t.Errorf("announced by %q: trailer %s, want %s, error %v", announced, got, want, err)
			}
		}
	})
}

// A panic with nil is a panic for the caller, too, and no runtime.Goexit.
func TestPanicWithNilReachesTheCaller(t *testing.T) {
	t.Setenv("GODEBUG", "panicnil=1")
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		h := gvhttp.Handler(rt, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(nil) }))
		ended, panicked := make(chan bool), false
		go func() {
			defer close(ended)
			returned := false
			func() {
				defer func() { recover() }()
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
				returned = true
			}()
			panicked = !returned // not reached after Goexit
		}()
		if <-ended; !panicked {
			t.Error("no panic")
		}
	})
}
