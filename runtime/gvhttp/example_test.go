package gvhttp_test

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvhttp"
)

func ExampleHandler() {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()

	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello from a %v thread", gv.Current().Priority())
	})
	srv := httptest.NewServer(gvhttp.Handler(rt, mux))
	defer srv.Close()

	resp, err := http.Get(srv.URL + "/hello")
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", body)
	// Output: hello from a Critical thread
}

// Less important requests get a lower priority.
func ExampleHandler_priority() {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()

	priority := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.URL.Path, gv.Current().Priority())
	})
	mux := http.NewServeMux()
	mux.Handle("/api", gvhttp.Handler(rt, priority))
	mux.Handle("/report", gvhttp.Handler(rt, priority, gv.WithPriority(gv.Normal), gv.WithName("report")))

	for _, path := range []string{"/api", "/report"} {
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
	}
	// Output:
	// /api Critical
	// /report Normal
}

// The priority of a request by its path, by a header, and by who sends it.
func ExamplePerRequest() {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()

	paying := map[string]bool{"acme": true}
	options := func(r *http.Request) []gv.Option {
		switch {
		case r.URL.Path == "/health":
			return nil // Critical
		case r.Header.Get("X-Batch") != "":
			return []gv.Option{gv.WithPriority(gv.Low)}
		case !paying[r.Header.Get("X-Tenant")]:
			return []gv.Option{gv.WithPriority(gv.Normal)}
		}
		return []gv.Option{gv.WithPriority(gv.High), gv.WithName(r.URL.Path)}
	}
	h := gvhttp.PerRequest(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.URL.Path, gv.Current().Priority())
	}), options)

	for _, tt := range []struct{ path, key, value string }{
		{"/health", "", ""},
		{"/search", "X-Tenant", "acme"},
		{"/search", "X-Tenant", "somebody"},
		{"/export", "X-Batch", "1"},
	} {
		r := httptest.NewRequest("GET", tt.path, nil)
		r.Header.Set(tt.key, tt.value)
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	// Output:
	// /health Critical
	// /search High
	// /search Normal
	// /export Low
}

// Of batch jobs 10 may wait for a worker, of all other requests 1000. The rest is told to
// come back in half a minute.
func ExampleShedder() {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()

	shedder := &gvhttp.Shedder{
		MaxWaiting: [...]int{gv.Critical: 1000, gv.Low: 10},
		RetryAfter: 30 * time.Second,
	}
	h := shedder.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.URL.Path, gv.Current().Priority())
	}), func(r *http.Request) []gv.Option {
		if r.URL.Path == "/batch" {
			return []gv.Option{gv.WithPriority(gv.Low)}
		}
		return nil
	})

	for _, path := range []string{"/", "/batch"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
	}
	stats := shedder.Stats() // for the program's metrics
	fmt.Println("waiting", stats.Waiting, "shed", stats.Shed)
	// Output:
	// / Critical
	// /batch Low
	// waiting [0 0 0 0] shed [0 0 0 0]
}

// Clients that read slowly hold no worker.
func ExampleListener() {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	srv := &http.Server{Handler: gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strings.Repeat("much to read\n", 100_000))
	}))}
	go srv.Serve(gvhttp.Listener(l))
	defer srv.Close()

	resp, err := http.Get("http://" + l.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	fmt.Println(n, err)
	// Output: 1300000 <nil>
}
