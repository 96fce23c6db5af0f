package gvhttp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvhttp"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// A gate keeps requests from their first turn until it is opened: it is their context,
// which is asked before their threads are ready.
type gate struct {
	context.Context
	opened chan struct{}
}

func newGate(t *testing.T) (g gate, open func()) {
	g = gate{t.Context(), make(chan struct{})}
	open = sync.OnceFunc(func() { close(g.opened) })
	t.Cleanup(open)
	return g, open
}

func (g gate) Done() <-chan struct{} {
	<-g.opened
	return g.Context.Done()
}

// awaitWaiting returns when so many requests of the priority wait. If there never are, the
// runtime's alarm says so.
func awaitWaiting(s *gvhttp.Shedder, p gv.Priority, n int) {
	for s.Stats().Waiting[p] != n {
		time.Sleep(time.Millisecond)
	}
}

// byHeader takes the priority from the request.
func byHeader(r *http.Request) []gv.Option {
	if r.Header.Get("X-Batch") != "" {
		return []gv.Option{gv.WithPriority(gv.Low)}
	}
	return nil
}

func request(batch bool) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	if batch {
		r.Header.Set("X-Batch", "1")
	}
	return r
}

// Beyond the bound of their own priority requests are refused and counted; those that wait
// are served, and then there is room again.
func TestShedsBeyondTheBound(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		const bound = 3
		gate, open := newGate(t)
		shed := &gvhttp.Shedder{MaxWaiting: [4]int{gv.Critical: 2 * bound, gv.Low: bound}, RetryAfter: 1500 * time.Millisecond}
		h := shed.Handler(rt, describe, byHeader)
		other := shed.Handler(rt, describe, byHeader) // the same lines
		answers := make(chan string, 3*bound)
		var clients sync.WaitGroup
		send := func(h http.Handler, batch bool) {
			clients.Go(func() {
				rec := httptest.NewRecorder()
				h.ServeHTTP(rec, request(batch).WithContext(gate))
				answers <- rec.Body.String()
			})
		}
		send(other, true)
		for range bound - 1 {
			send(h, true)
		}
		awaitWaiting(shed, gv.Low, bound)
		for range 2 {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, request(true))
			if got := rec.Header().Get("Retry-After"); rec.Code != http.StatusServiceUnavailable || got != "2" {
				t.Errorf("beyond the bound the answer is %d, Retry-After %q, want 503 and 2", rec.Code, got)
			}
		}
		// Theirs is another line.
		for range 2 * bound {
			send(h, false)
		}
		awaitWaiting(shed, gv.Critical, 2*bound)

		want := gvhttp.ShedStats{Waiting: [4]int{gv.Critical: 2 * bound, gv.Low: bound}, Shed: [4]uint64{gv.Low: 2}}
		if got := shed.Stats(); got != want {
			t.Errorf("while they wait: %+v, want %+v", got, want)
		}
		open()
		clients.Wait()
		close(answers)
		served := map[string]int{}
		for a := range answers {
			served[a]++
		}
		if served[`"" Low`] != bound || served[`"" Critical`] != 2*bound {
			t.Errorf("served: %v", served)
		}
		want.Waiting = [4]int{}
		if got := shed.Stats(); got != want {
			t.Errorf("when all are served: %+v, want %+v", got, want)
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, request(true))
		if got := rec.Body.String(); got != `"" Low` {
			t.Errorf("when there is room again, the answer is %q", got)
		}
	})
}

// However many come at once, no more wait than may, and each is served or counted.
func TestShedsExactly(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		const clients, bound = 50, 7
		gate, open := newGate(t)
		shed := &gvhttp.Shedder{MaxWaiting: [4]int{gv.Critical: bound}}
		var served atomic.Int64
		h := shed.Handler(rt, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }), nil)
		refused := make(chan string, clients)
		var all sync.WaitGroup
		for range clients {
			all.Go(func() {
				rec := httptest.NewRecorder()
				h.ServeHTTP(rec, request(false).WithContext(gate))
				if rec.Code != http.StatusOK {
					refused <- rec.Header().Get("Retry-After")
				}
			})
		}
		for range clients - bound {
			if after := <-refused; after != "1" {
				t.Errorf("Retry-After is %q, want 1", after)
			}
		}
		open()
		all.Wait()
		want := gvhttp.ShedStats{Shed: [4]uint64{gv.Critical: clients - bound}}
		if got := shed.Stats(); got != want || served.Load() != bound {
			t.Errorf("%d served, %+v; want %d, %+v", served.Load(), got, bound, want)
		}
	})
}

// However a request's wait ends, it ends once.
func TestWaitEndsOnce(t *testing.T) {
	none := gvhttp.ShedStats{}
	serve := func(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
		defer func() { _ = recover() }()
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		return rec
	}
	t.Run("panic", func(t *testing.T) {
		enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
			var shed gvhttp.Shedder
			serve(shed.Handler(rt, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				if got := shed.Stats(); got != none {
					t.Errorf("in its turn: %+v", got)
				}
				panic("out of luck")
			}), nil), request(false))
			if got := shed.Stats(); got != none {
				t.Errorf("%+v", got)
			}
		})
	})
	t.Run("closed", func(t *testing.T) {
		rt := enginetest.Open(t, gv.Config{})
		if err := rt.Close(); err != nil {
			t.Fatal(err)
		}
		var shed gvhttp.Shedder
		if rec := serve(shed.Handler(rt, describe, nil), request(false)); rec.Code != http.StatusServiceUnavailable {
			t.Errorf("answer %d", rec.Code)
		}
		if got := shed.Stats(); got != none {
			t.Errorf("%+v", got)
		}
	})
	t.Run("context panics", func(t *testing.T) {
		enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
			var shed gvhttp.Shedder
			serve(shed.Handler(rt, describe, nil), request(false).WithContext(brokenContext{t.Context()}))
			if got := shed.Stats(); got != none {
				t.Errorf("%+v", got)
			}
		})
	})
}

// A brokenContext panics when a thread is to be started with it.
type brokenContext struct{ context.Context }

func (brokenContext) Done() <-chan struct{} { panic("broken") }
