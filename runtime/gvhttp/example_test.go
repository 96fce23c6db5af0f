package gvhttp_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

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
