//go:build !linux

package load

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A conn is a keep-alive connection with at most one request under way.
type conn struct {
	net net.Conn
	// current is the number of the request under way. The answer that its
	// reader waits for is what orders the two, but only the kernel knows that.
	current atomic.Int64
}

func (c *conn) write(p []byte) error {
	_, err := c.net.Write(p)
	return err
}

// A driver holds the connections, each with a goroutine that reads its answers.
type driver struct {
	run     *run
	conns   []*conn
	readers sync.WaitGroup
	closing atomic.Bool
}

// connect opens the connections.
func (d *driver) connect(ctx context.Context) error {
	for range d.run.cfg.Conns {
		nc, err := d.run.dial(ctx)
		if err != nil {
			return err
		}
		c := &conn{net: nc}
		d.conns = append(d.conns, c)
		d.run.idle = append(d.run.idle, c)
	}
	return nil
}

// drive sends each request when it is due and takes the answers, until ctx ends.
func (d *driver) drive(ctx context.Context) {
	for _, c := range d.conns {
		d.readers.Go(func() { d.read(c) })
	}
	for k := range d.run.latency {
		time.Sleep(time.Until(d.run.dueAt(k)))
		if ctx.Err() != nil {
			return
		}
		d.run.dispatch(k)
	}
	<-ctx.Done()
}

// read takes the answers that come over c until it is closed.
func (d *driver) read(c *conn) {
	in := bufio.NewReader(c.net)
	var buf bytes.Buffer
	for {
		header, body, err := readAnswer(in, &buf)
		if d.closing.Load() || !d.run.answer(c, header, body, err) {
			return
		}
	}
}

// close hangs up.
func (d *driver) close() {
	d.closing.Store(true)
	for _, c := range d.conns {
		c.net.Close()
	}
	d.readers.Wait()
}
