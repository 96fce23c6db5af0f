// Package way tells how long the parts of a request's way through a server take. The
// server writes into a header of the answer when the request came by; the client, which
// is on the same machine and has the same clock, reads it.
package way

import (
	"fmt"
	"net/http"
	"time"
)

// header has the times, in nanoseconds since 1970.
const header = "Latency-Way"

// Stamps are the times at which a request came by, in nanoseconds since 1970.
type Stamps struct {
	Handler int64 // the server has called the handler
	Thread  int64 // the handler runs in its thread, or where it was called if it has none
	Done    int64 // the answer is ready to be written
}

// Arrive returns h as it is to be called by the server.
func Arrive(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(header, fmt.Sprint(now()))
		h.ServeHTTP(w, r)
	})
}

// Work returns h as it is to be called within Arrive, in its thread. The answer of h is
// ready when it first writes.
func Work(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(&writer{ResponseWriter: w, thread: now()}, r)
	})
}

// A writer adds to the header what is known when the answer is written.
type writer struct {
	http.ResponseWriter
	thread  int64
	written bool
}

func (w *writer) Write(p []byte) (int, error) {
	if !w.written {
		w.written = true
		w.Header().Set(header, fmt.Sprint(w.Header().Get(header), " ", w.thread, " ", now()))
	}
	return w.ResponseWriter.Write(p)
}

// Read returns the times of an answer, and false if the server has not written them.
func Read(h http.Header) (s Stamps, ok bool) {
	n, _ := fmt.Sscan(h.Get(header), &s.Handler, &s.Thread, &s.Done)
	return s, n == 3
}

func now() int64 { return time.Now().UnixNano() }
