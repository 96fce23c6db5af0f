// Package gvdebug serves a page that shows what a runtime is doing: its workers and what
// they run, how many threads are ready, how long they wait, what preempts them, and each
// thread with what it waits for.
//
//	gvdebug.Register(mux, rt) // at /debug/gv/
//
// Nothing is registered by importing the package, and nothing is measured while nobody
// looks. The page needs no other host.
//
// Whoever can open it sees the names of all threads. As that of net/http/pprof it belongs
// on a port, or behind a check, that is not for everybody.
package gvdebug

import (
	"encoding/json"
	"net/http"
	"strings"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtrace"
)

// Handler returns a handler that shows rt; nil stands for gv.DefaultRuntime, which the first
// request opens then. The paths, of which the page uses relative ones only, are
//
//	/                   the page
//	/stats.json         a Snapshot
//	/events             a Snapshot every second, as server-sent events
//	/threads.json       a ThreadList, by a query: see there
//	/capabilities.json  a gv.Capabilities
//	/dump               what Runtime.Dump writes
//	/timeline           what the workers do for some seconds: see gvtrace.Handler
//	/report             what WriteReport writes, with a timeline of a second
//
// It answers GET and HEAD. Use http.StripPrefix to have it anywhere else than at the top.
//
// Requests are served by plain goroutines, so they are answered while threads have all
// workers: don't put the handler into gvhttp's. It may be used after rt was closed, and says
// so. A stream of events ends when the client leaves or takes nothing for ten seconds, after
// rt was closed, and when the server shuts down.
func Handler(rt *gv.Runtime) http.Handler {
	h := &handler{runtime: func() *gv.Runtime { return rt }}
	if rt == nil {
		h.runtime = gv.DefaultRuntime
	}
	h.endpoints = map[string]http.HandlerFunc{
		"":                  servePage("index.html"),
		"stats.json":        h.stats,
		"events":            h.events,
		"threads.json":      h.threads,
		"capabilities.json": h.capabilities,
		"dump":              h.dump,
		"timeline":          gvtrace.Handler(rt).ServeHTTP,
		"report":            h.report,
	}
	for name := range pageFiles {
		h.endpoints[name] = servePage(name)
	}
	return h
}

// Register has mux serve what Handler does at /debug/gv/. mux should not be behind a handler
// of gvhttp.
func Register(mux *http.ServeMux, rt *gv.Runtime) {
	mux.Handle("/debug/gv/", http.StripPrefix("/debug/gv", Handler(rt)))
}

type handler struct {
	runtime func() *gv.Runtime
	// endpoints are by their paths, without the slash in front.
	endpoints map[string]http.HandlerFunc
	shutdowns shutdowns
}

// policy lets the page load what this handler serves, and nothing else. Trusted types keep
// text from becoming markup: no name of a thread can.
const policy = "default-src 'none'; connect-src 'self'; img-src 'self'; script-src 'self'; style-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", policy)
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	serve, ok := h.endpoints[strings.TrimPrefix(r.URL.Path, "/")]
	switch {
	case !ok:
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "gvdebug: "+r.Method+" changes nothing here; use GET", http.StatusMethodNotAllowed)
	default:
		// The page's own request has the server watched before there is a stream.
		h.shutdowns.watch(r)
		serve(w, r)
	}
}

func (h *handler) stats(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, snapshot(h.runtime()))
}

func (h *handler) capabilities(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, h.runtime().Capabilities())
}

func (h *handler) threads(w http.ResponseWriter, r *http.Request) {
	q, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		http.Error(w, "gvdebug: "+err.Error(), http.StatusBadRequest)
		return
	}
	writeJSON(w, q.list(h.runtime()))
}

func (h *handler) dump(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	h.runtime().Dump(w) // an error is the client's, which is gone
}

// writeJSON answers with v.
func writeJSON(w http.ResponseWriter, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "gvdebug: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(text)
}
