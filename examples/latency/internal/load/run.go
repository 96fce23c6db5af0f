package load

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A run is the state of one call of Run.
type run struct {
	cfg      Config
	interval time.Duration
	timer    *timer
	start    time.Time
	fail     context.CancelCauseFunc

	// By number of the request. latency[k] is written once, by the reader that
	// gets the answer, and 0 without one; late[k] by the pacer. Both are read
	// when those have ended.
	latency []time.Duration
	late    []time.Duration

	answered  atomic.Int64
	slowest   atomic.Int64  // latency since the last progress
	measuring chan struct{} // closed when the warm-up is over
	done      chan struct{} // closed with the last answer

	readers sync.WaitGroup
	closing atomic.Bool
	conns   []*conn

	mu   sync.Mutex
	idle []*conn // free connections, the longest free first
	due  []int   // requests that are due and have no connection
}

func newRun(cfg Config, fail context.CancelCauseFunc) (*run, error) {
	t, err := newTimer()
	if err != nil {
		return nil, err
	}
	return &run{
		timer:     t,
		cfg:       cfg,
		interval:  cfg.interval(),
		fail:      fail,
		latency:   make([]time.Duration, cfg.total()),
		late:      make([]time.Duration, cfg.total()),
		measuring: make(chan struct{}),
		done:      make(chan struct{}),
	}, nil
}

// dial opens the connections and starts a reader for each.
func (r *run) dial(ctx context.Context) error {
	var d net.Dialer
	for range r.cfg.Conns {
		nc, err := d.DialContext(ctx, "tcp", r.cfg.Addr)
		if err != nil {
			return fmt.Errorf("load: connecting to the server: %w", err)
		}
		c := newConn(nc)
		r.conns = append(r.conns, c)
		r.idle = append(r.idle, c)
		r.readers.Go(func() { r.read(c) })
	}
	return nil
}

// hangUp closes the connections and waits for their readers.
func (r *run) hangUp() {
	r.closing.Store(true)
	for _, c := range r.conns {
		c.net.Close()
	}
	r.readers.Wait()
}

// dueAt is when request k should be sent.
func (r *run) dueAt(k int) time.Time {
	return r.start.Add(time.Duration(k) * r.interval)
}

// dispatch sends request k on the connection that has been free for longest,
// or leaves it to the first that becomes free.
func (r *run) dispatch(k int) {
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

// release is called by the reader of c when c has no request under way: it
// sends the next one that waits, if any.
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
	if _, err := c.net.Write(r.request(k).Raw); err != nil && !r.closing.Load() {
		r.fail(fmt.Errorf("load: sending request %d: %w", k, err))
	}
}

// read takes the answers that come over c until it is closed.
func (r *run) read(c *conn) {
	for {
		body, err := c.answer()
		now := time.Now()
		if r.closing.Load() {
			return
		}
		k := int(c.current.Load())
		if err == nil {
			err = r.request(k).verify(body)
		}
		if err != nil {
			r.fail(fmt.Errorf("load: answer to request %d, %s: %w", k, r.request(k).Name, err))
			return
		}
		r.record(k, now.Sub(r.dueAt(k)))
		r.release(c)
	}
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
