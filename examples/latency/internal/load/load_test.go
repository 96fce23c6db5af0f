package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// long is longer than any test.
const long = time.Hour

// get makes a request for path that must be answered with body.
func get(path, body string) Request {
	return Request{
		Name: path,
		Raw:  fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: load.test\r\n\r\n", path),
		Body: []byte(body),
	}
}

// serve starts a server that is closed with the test, and returns its address.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}

func echo(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "you said ", r.URL.Path) }

func TestRunMeasuresEveryRequest(t *testing.T) {
	var progress, measuring, measured sync.WaitGroup
	measuring.Add(1)
	measured.Add(1)
	progress.Add(1)
	once := sync.OnceFunc(progress.Done)
	res, err := Run(t.Context(), Config{
		Addr: serve(t, echo), Conns: 3, Rate: 200,
		Warmup: 250 * time.Millisecond, Duration: time.Second, Drain: long,
		Requests:  []Request{get("/a", "you said /a"), get("/b", "you said /b")},
		Measuring: measuring.Done,
		Measured:  measured.Done,
		Progress:  func(Progress) { once() },
	})
	if err != nil {
		t.Fatal(err)
	}
	if res.Answered != 200 || res.Unanswered != 0 || len(res.Latency) != 200 || len(res.Late) != 200 {
		t.Errorf("%d answered, %d not, %d and %d samples; want 200, 0, 200, 200",
			res.Answered, res.Unanswered, len(res.Latency), len(res.Late))
	}
	// 50 of the warm-up may have been answered late.
	if res.Rate <= 0 || res.Rate > 250 {
		t.Errorf("a rate of %v with 200 requests due a second", res.Rate)
	}
	measuring.Wait()
	measured.Wait()
	progress.Wait()
}

// A server that stalls once must be charged for every request that was due
// while it did, although none was sent in that time.
func TestStallIsChargedToAllThatWereDue(t *testing.T) {
	const stall, rate = 400 * time.Millisecond, 100
	var once sync.Once
	res, err := Run(t.Context(), Config{
		Addr: serve(t, func(w http.ResponseWriter, r *http.Request) {
			once.Do(func() { time.Sleep(stall) })
			echo(w, r)
		}),
		Conns: 1, Rate: rate, Duration: time.Second, Drain: long,
		Requests: []Request{get("/", "you said /")},
	})
	if err != nil {
		t.Fatal(err)
	}
	// The k-th request was due k intervals into the stall, so it waited at
	// least for the rest of it: 40 waited for some, 20 for half of it or more.
	slow := 0
	for _, d := range res.Latency {
		if d >= stall/2 {
			slow++
		}
	}
	if want := int(stall.Seconds() * rate / 2); slow < want {
		t.Errorf("%d requests took %v or more, want at least %d", slow, stall/2, want)
	}
}

func TestUnansweredCountAsLongAsTheyWaited(t *testing.T) {
	release := make(chan struct{})
	addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		<-release
	})
	t.Cleanup(func() { close(release) }) // before the server is closed, which waits
	const drain = 200 * time.Millisecond
	res, err := Run(t.Context(), Config{
		Addr: addr, Conns: 2, Rate: 50, Duration: 200 * time.Millisecond, Drain: drain,
		Requests: []Request{get("/", "")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if res.Answered != 0 || res.Unanswered != 10 || res.Rate != 0 {
		t.Errorf("%d answered at %v/s, %d not, want none and 10", res.Answered, res.Rate, res.Unanswered)
	}
	if shortest := res.Latency[0]; shortest < drain {
		t.Errorf("a request without an answer counts as %v, it waited %v or more", shortest, drain)
	}
}

func TestRunFails(t *testing.T) {
	ok := Config{Conns: 1, Rate: 100, Duration: 100 * time.Millisecond, Drain: long,
		Requests: []Request{get("/x", "you said /x")}}
	with := func(change func(*Config)) Config {
		c := ok
		change(&c)
		return c
	}
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		cfg     Config
		want    string
	}{
		{"no connections", echo, with(func(c *Config) { c.Conns = 0 }), "0 connections"},
		{"no rate", echo, with(func(c *Config) { c.Rate = 0 }), "a rate of 0"},
		{"no duration", echo, with(func(c *Config) { c.Duration = 0 }), "duration 0s"},
		{"no requests", echo, with(func(c *Config) { c.Requests = nil }), "no requests"},
		{"too short", echo, with(func(c *Config) { c.Rate = 1 }), "no request is due"},
		{"wrong body", echo, with(func(c *Config) { c.Requests = []Request{get("/x", "hello")} }), `want "hello"`},
		{"wrong status", http.NotFound, ok, "404 Not Found"},
		{"hung up", hangUp, ok, "answer to request 0, /x: "},
		{"nobody there", nil, ok, "connecting to the server"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.cfg.Addr = "127.0.0.1:1" // nobody there
			if tt.handler != nil {
				tt.cfg.Addr = serve(t, tt.handler)
			}
			res, err := Run(t.Context(), tt.cfg)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("result %v, error %v, want an error with %q", res, err, tt.want)
			}
		})
	}
}

func TestRunStopsWithItsContext(t *testing.T) {
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err := Run(ctx, Config{
		Addr: serve(t, echo), Conns: 1, Rate: 100, Duration: time.Hour,
		Requests:  []Request{get("/x", "you said /x")},
		Measuring: func() { cancel(stop) },
	})
	if !errors.Is(err, stop) {
		t.Errorf("error %v, want %v", err, stop)
	}
}

func TestPercentile(t *testing.T) {
	hundred := make(Samples, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for _, tt := range []struct {
		s    Samples
		p    float64
		want time.Duration
	}{
		{nil, 50, 0},
		{Samples{7}, 0, 7},
		{Samples{7}, 99.9, 7},
		{Samples{1, 2}, 50, 1},
		{Samples{1, 2}, 50.1, 2},
		{hundred, 50, 50},
		{hundred, 99, 99},
		{hundred, 99.1, 100},
		{hundred, 100, 100},
	} {
		if got := tt.s.Percentile(tt.p); got != tt.want {
			t.Errorf("%v percent of %d samples: %v, want %v", tt.p, len(tt.s), got, tt.want)
		}
	}
}
