package gvhttp

import (
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A Shedder sheds load: it refuses requests that would wait behind too many others for
// their first turn, while they cost next to nothing, and has the client come back
// later. Under more load than the workers can carry the lines would grow without end, and
// the answers come when nobody waits for them any more.
//
// Each priority has its own line, since a request waits for none below it: batch jobs can
// be refused while others are served as always. One Shedder may have any number of handlers,
// whose requests stand in the same lines. The zero Shedder refuses nobody, and counts.
//
// The fields must not be changed once a handler has been made. All methods may be called
// from any goroutine or thread.
type Shedder struct {
	// MaxWaiting is how many requests of each priority may wait, by gv.Priority; 0 means
	// any number. A request waits for a moment, too, when a worker is idle, so bounds
	// below what arrives at once refuse requests that could be served.
	MaxWaiting [priorities]int
	// RetryAfter is when the refused are told to come back, in whole seconds, rounded up.
	// 0 means 1 s.
	RetryAfter time.Duration

	lines [priorities]line
}

const priorities = int(gv.Low) + 1

// A line is the requests of one priority that wait for their first turn.
type line struct {
	waiting atomic.Int64
	shed    atomic.Uint64
}

func (l *line) leave() { l.waiting.Add(-1) }

// ShedStats is what a Shedder has done and is doing, by gv.Priority. The numbers are taken
// one after another, while it works.
type ShedStats struct {
	// Waiting is how many requests wait for their first turn.
	Waiting [priorities]int
	// Shed counts the requests that were refused.
	Shed [priorities]uint64
}

// Handler returns a handler that is PerRequest's, or, with a nil options, Handler's
// without options, but that answers 503 Service Unavailable with Retry-After when
// MaxWaiting requests of the request's priority wait already. The priority is the one that
// its options give it. What a handler does afterwards, to wait for a lock or a database,
// is no waiting in this sense; threads are bounded by Config.MaxThreads.
//
// It panics if h is nil or a field of s is negative.
func (s *Shedder) Handler(rt *gv.Runtime, h http.Handler, options func(*http.Request) []gv.Option) http.Handler {
	for p, n := range s.MaxWaiting {
		if n < 0 {
			panic(fmt.Sprintf("gvhttp: Shedder.MaxWaiting of %v is %d; it must not be negative (0 means any number)", gv.Priority(p), n))
		}
	}
	if s.RetryAfter < 0 {
		panic(fmt.Sprintf("gvhttp: Shedder.RetryAfter is %v; it must not be negative (0 means 1 s)", s.RetryAfter))
	}
	shedding := newHandler(rt, h, nil)
	shedding.options, shedding.shedder = options, s
	return shedding
}

// Stats returns what s has done and is doing.
func (s *Shedder) Stats() (st ShedStats) {
	for p := range s.lines {
		st.Waiting[p] = int(s.lines[p].waiting.Load())
		st.Shed[p] = s.lines[p].shed.Load()
	}
	return st
}

// join enters a request of priority p into its line, which it returns; or nil, if the line
// is too long.
func (s *Shedder) join(p gv.Priority) *line {
	l, bound := &s.lines[p], int64(s.MaxWaiting[p])
	for {
		n := l.waiting.Load()
		if bound > 0 && n >= bound {
			l.shed.Add(1)
			return nil
		}
		if l.waiting.CompareAndSwap(n, n+1) {
			return l
		}
	}
}

// refuse answers a request that did not get into its line.
func (s *Shedder) refuse(w http.ResponseWriter) {
	seconds := int64(1)
	if s.RetryAfter > 0 {
		seconds = int64((s.RetryAfter-1)/time.Second) + 1
	}
	w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
}
