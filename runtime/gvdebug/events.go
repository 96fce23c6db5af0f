package gvdebug

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// interval is the time between two events.
	interval = time.Second
	// patience is for how long a client may take nothing.
	patience = 10 * time.Second
	// lifetime is how long a stream lasts. Browsers ask for the next one by themselves.
	lifetime = time.Minute
)

// events sends a Snapshot every second, until the client leaves, the server shuts down or the
// runtime is closed.
func (h *handler) events(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("X-Accel-Buffering", "no") // nginx would collect them
	if r.Method == http.MethodHead {
		return
	}
	stream := http.NewResponseController(w)
	if err := stream.Flush(); err != nil {
		http.Error(w, "gvdebug: sending events: the server, or middleware, can't flush a response: "+err.Error(), http.StatusNotImplemented)
		return
	}
	io.WriteString(w, "retry: 500\n") // milliseconds, to the next stream
	shutdown := h.shutdowns.watch(r)
	tick := time.NewTicker(interval)
	defer tick.Stop()
	// The server's shutdown may have begun before it was watched, and waits for this.
	end := time.NewTimer(lifetime)
	defer end.Stop()
	for {
		s := snapshot(h.runtime())
		if err := send(w, stream, s); err != nil || s.Stats.Closed {
			return
		}
		select {
		case <-tick.C:
		case <-end.C:
			return
		case <-shutdown:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// send writes an event. An error means that the client has it not.
func send(w http.ResponseWriter, stream *http.ResponseController, s Snapshot) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	// In place of the server's WriteTimeout, which is for all of a response.
	if err := stream.SetWriteDeadline(time.Now().Add(patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := fmt.Fprintf(w, "data: %s\n\n", text); err != nil {
		return err
	}
	return stream.Flush()
}

// shutdowns says when servers shut down, which wait for all requests and end none.
type shutdowns struct {
	lock sync.Mutex
	// begun has a channel for each server, which is closed when its shutdown begins. Servers
	// stay in it: a request that is late must not take one that has shut down for a new one.
	begun map[*http.Server]chan struct{}
}

// watch returns a channel that is closed when the shutdown of the request's server begins,
// nil if it has none.
func (s *shutdowns) watch(r *http.Request) <-chan struct{} {
	server, _ := r.Context().Value(http.ServerContextKey).(*http.Server)
	if server == nil {
		return nil
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	begun := s.begun[server]
	if begun == nil {
		begun = make(chan struct{})
		if s.begun == nil {
			s.begun = map[*http.Server]chan struct{}{}
		}
		s.begun[server] = begun
		server.RegisterOnShutdown(sync.OnceFunc(func() { close(begun) }))
	}
	return begun
}
