package gvtrace

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

const (
	defaultSeconds = 5
	maxSeconds     = 3600
)

// Handler returns a handler that records rt for the seconds that the request asks for, such
// as "?seconds=2.5", or for 5 s, and answers with the file. Nothing registers it by itself:
//
//	mux.Handle("GET /debug/gvtrace", gvtrace.Handler(rt))
//
// A nil rt stands for the runtime that gv.Go uses.
//
// It records while the client waits, as Record does, and stops when the client goes away.
// Seconds that are no number above 0 and at most 3,600, and those that the server's
// WriteTimeout doesn't allow, are answered with 400 Bad Request; methods other than GET and
// HEAD with 405 Method Not Allowed; and a runtime that is closed with 503 Service
// Unavailable. HEAD records nothing, and doesn't see that the runtime is closed.
func Handler(rt *gv.Runtime) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "gvtrace: "+r.Method+" is not allowed; use GET", http.StatusMethodNotAllowed)
			return
		}
		d, err := duration(r)
		if err != nil {
			http.Error(w, "gvtrace: "+err.Error(), http.StatusBadRequest)
			return
		}
		serve(w, r, rt, d)
	})
}

// serve answers with a recording of d.
func serve(w http.ResponseWriter, r *http.Request, rt *gv.Runtime, d time.Duration) {
	recorder := NewFlightRecorder(rt, Config{MinAge: d, MaxBytes: recordBytes})
	if r.Method != http.MethodHead {
		if err := recorder.Start(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		defer recorder.Stop()
		if wait(r.Context(), d) != nil {
			return // nobody is there to be told
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="gvtrace.json"`)
	if r.Method != http.MethodHead {
		_, _ = recorder.WriteTo(w) // the client has gone, if that fails
	}
}

// duration returns what the request asks for.
func duration(r *http.Request) (time.Duration, error) {
	seconds := float64(defaultSeconds)
	if text := r.FormValue("seconds"); text != "" {
		var err error
		if seconds, err = strconv.ParseFloat(text, 64); err != nil || !(seconds > 0 && seconds <= maxSeconds) {
			return 0, fmt.Errorf("seconds is %q; it must be a number above 0 and at most %d", text, maxSeconds)
		}
	}
	d := time.Duration(seconds * float64(time.Second))
	if srv, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && srv.WriteTimeout > 0 && d >= srv.WriteTimeout {
		return 0, fmt.Errorf("seconds is %v; the server's WriteTimeout is %v", seconds, srv.WriteTimeout)
	}
	return d, nil
}
