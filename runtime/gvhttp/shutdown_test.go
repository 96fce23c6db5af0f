package gvhttp_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvhttp"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// A load is clients that ask a server without a pause until they get no answer.
type load struct {
	entered, returned atomic.Int64 // by handlers
	answered, refused atomic.Int64 // to clients
	over              atomic.Bool  // clients may find no server
	clients           sync.WaitGroup
}

// ServeHTTP answers with big, in pieces, and sleeps and computes a little.
func (l *load) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.entered.Add(1)
	defer l.returned.Add(1)
	for piece := big[:64<<10]; len(piece) > 0; {
		n, _ := w.Write(piece[:min(len(piece), 7<<10)])
		piece = piece[n:]
		gv.Yield()
		if gv.Sleep(time.Microsecond) != nil || n == 0 {
			return
		}
	}
}

// start starts the clients, and returns when they have had some answers.
func (l *load) start(t *testing.T, srv *httptest.Server) {
	for range 8 {
		l.clients.Go(func() {
			for l.ask(t, srv) {
			}
		})
	}
	l.await(20)
}

// await returns when the clients have had so many more answers.
func (l *load) await(n int64) {
	for until := l.answered.Load() + l.refused.Load() + n; l.answered.Load()+l.refused.Load() < until; {
		time.Sleep(time.Millisecond)
	}
}

// ask makes one request, and reports whether there is a server.
func (l *load) ask(t *testing.T, srv *httptest.Server) bool {
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		if !l.over.Load() {
			t.Error(err)
		}
		return false
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	switch {
	case resp.StatusCode == http.StatusServiceUnavailable:
		l.refused.Add(1)
	case err == nil && bytes.Equal(got, big[:64<<10]):
		l.answered.Add(1)
	case !l.over.Load():
		t.Errorf("status %d with %d bytes, error %v", resp.StatusCode, len(got), err)
	}
	return true
}

// leavesNothing waits until no goroutine runs code of package gvhttp. If one does for ever,
// the runtime's alarm says so.
func leavesNothing(t *testing.T, rt *gv.Runtime) {
	t.Helper()
	if err := rt.Close(); err != nil {
		t.Error(err)
	}
	if n := rt.Stats().Threads; n > 0 {
		t.Errorf("%d threads are left", n)
	}
	stacks := make([]byte, 1<<20)
	for bytes.Contains(stacks[:goruntime.Stack(stacks, true)], []byte("runtime/gvhttp.(")) {
		time.Sleep(time.Millisecond)
	}
}

// Shutdown lets all who have been let in have their answer.
func TestShutdownUnderLoad(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		var l load
		srv := serveBehindListener(t, gvhttp.Handler(rt, &l), (*httptest.Server).Start)
		l.start(t, srv)
		l.over.Store(true)
		if err := srv.Config.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		l.clients.Wait()
		entered, returned, answered := l.entered.Load(), l.returned.Load(), l.answered.Load()
		if entered != returned || returned != answered {
			t.Errorf("%d handlers were entered, %d returned, and %d answers came", entered, returned, answered)
		}
		leavesNothing(t, rt)
	})
}

// When the runtime is closed first, those who are in their handlers are cancelled, and those
// who come later are told so.
func TestRuntimeIsClosedUnderLoad(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		var l load
		srv := serveBehindListener(t, gvhttp.Handler(rt, &l), (*httptest.Server).Start)
		l.start(t, srv)
		l.over.Store(true) // an answer may be cut short
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
		entered, returned := l.entered.Load(), l.returned.Load()
		l.await(20)
		if again := l.entered.Load(); entered != returned || again != entered {
			t.Errorf("of %d handlers %d had returned when the runtime was closed; then %d were entered", entered, returned, again-entered)
		}
		if l.refused.Load() == 0 {
			t.Error("nobody was refused")
		}
		if err := srv.Config.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		l.clients.Wait()
		leavesNothing(t, rt)
	})
}

// The server's Close ends the writes of threads to clients that don't read.
func TestServerIsClosedBesideSlowClients(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		threads, errs := make(chan *gv.Thread, 4), make(chan error, 4)
		srv := serveBehindListener(t, gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			threads <- gv.Current()
			_, err := w.Write(big)
			errs <- err
		})), (*httptest.Server).Start)
		srv.Client().Transport.(*http.Transport).ReadBufferSize = 1 // else it reads ahead
		for range cap(threads) {
			resp, err := srv.Client().Get(srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			await(<-threads, gv.StateBlocked)
		}
		if err := srv.Config.Close(); err != nil {
			t.Error(err)
		}
		for range cap(errs) {
			if err := <-errs; err == nil {
				t.Error("a write to a client that read nothing has no error")
			}
		}
		leavesNothing(t, rt)
	})
}
