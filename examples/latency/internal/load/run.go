package load

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/examples/latency/internal/way"
)

// A run is the state of one call of Run.
type run struct {
	cfg      Config
	interval time.Duration
	start    time.Time
	fail     context.CancelCauseFunc

	// By number of the request. latency[k] is written once, by whoever reads the
	// answer, and 0 without one; late[k] by the one that sends it; passed[k] by
	// both. All are read when those have ended.
	latency []time.Duration
	late    []time.Duration
	passed  []passage

	answered  atomic.Int64
	slowest   atomic.Int64  // latency since the last progress
	measuring chan struct{} // closed when the warm-up is over
	done      chan struct{} // closed with the last answer
	realTime  atomic.Bool   // see Result.RealTime

	mu   sync.Mutex
	idle []*conn // free connections, the longest free first
	due  []int   // requests that are due and have no connection
}

func newRun(cfg Config, fail context.CancelCauseFunc) *run {
	return &run{
		cfg:       cfg,
		interval:  cfg.interval(),
		fail:      fail,
		latency:   make([]time.Duration, cfg.total()),
		late:      make([]time.Duration, cfg.total()),
		passed:    make([]passage, cfg.total()),
		measuring: make(chan struct{}),
		done:      make(chan struct{}),
	}
}

// dial opens a connection.
func (r *run) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	nc, err := d.DialContext(ctx, "tcp", r.cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("load: connecting to the server: %w", err)
	}
	return nc, nil
}

// dueAt is when request k should be sent.
func (r *run) dueAt(k int) time.Time {
	return r.start.Add(time.Duration(k) * r.interval)
}

// dispatch sends request k, which is due, on the connection that has been free
// for longest, or leaves it to the first that becomes free.
func (r *run) dispatch(k int) {
	if k == r.cfg.unmeasured() {
		close(r.measuring)
	}
	r.late[k] = time.Since(r.dueAt(k))
	r.mu.Lock()
	if len(r.idle) == 0 {
		r.due = append(r.due, k)
		r.mu.Unlock()
		return
	}
	c := r.idle[0]
	r.idle = r.idle[1:]
	r.mu.Unlock()
	r.send(c, k)
}

// release is called for a connection that has no request under way: it sends the
// next one that waits, if any.
func (r *run) release(c *conn) {
	r.mu.Lock()
	if len(r.due) == 0 {
		r.idle = append(r.idle, c)
		r.mu.Unlock()
		return
	}
	k := r.due[0]
	r.due = r.due[1:]
	r.mu.Unlock()
	r.send(c, k)
}

// request returns what request k sends.
func (r *run) request(k int) *Request {
	return &r.cfg.Requests[k%len(r.cfg.Requests)]
}

// send writes request k to c, which is free.
func (r *run) send(c *conn, k int) {
	c.current.Store(int64(k))
	r.passed[k].sent = time.Now().UnixNano()
	if err := c.write(r.request(k).Raw); err != nil {
		r.fail(fmt.Errorf("load: sending request %d: %w", k, err))
	}
}

// answer takes the answer that has come over c, or what went wrong. It reports
// whether all is well.
func (r *run) answer(c *conn, header http.Header, body []byte, err error) bool {
	now := time.Now()
	k := int(c.current.Load())
	if err == nil {
		err = r.request(k).verify(body)
	}
	if err != nil {
		r.fail(fmt.Errorf("load: answer to request %d, %s: %w", k, r.request(k).Name, err))
		return false
	}
	if stamps, ok := way.Read(header); ok {
		r.passed[k].server, r.passed[k].answered = stamps, now.UnixNano()
	}
	r.record(k, now.Sub(r.dueAt(k)))
	r.release(c)
	return true
}

// record takes down the latency of request k.
func (r *run) record(k int, latency time.Duration) {
	latency = max(latency, 1) // 0 stands for no answer
	r.latency[k] = latency
	for {
		old := r.slowest.Load()
		if int64(latency) <= old || r.slowest.CompareAndSwap(old, int64(latency)) {
			break
		}
	}
	if r.answered.Add(1) == int64(len(r.latency)) {
		close(r.done)
	}
}
