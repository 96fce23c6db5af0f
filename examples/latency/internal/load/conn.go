package load

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
)

// A conn is a keep-alive connection with at most one request under way.
type conn struct {
	net net.Conn
	in  *bufio.Reader
	// body is where answer puts what it read, used again for the next.
	body bytes.Buffer
	// current is the number of the request under way. The answer that its
	// reader waits for is what orders the two, but only the kernel knows that.
	current atomic.Int64
}

func newConn(nc net.Conn) *conn {
	return &conn{net: nc, in: bufio.NewReader(nc)}
}

// answer reads one response. Its body is valid until the next call.
func (c *conn) answer() ([]byte, error) {
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	c.body.Reset()
	if _, err := io.Copy(&c.body, resp.Body); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %s: %.200q", resp.Status, c.body.Bytes())
	}
	return c.body.Bytes(), nil
}

// verify says how body differs from what q must be answered with.
func (q *Request) verify(body []byte) error {
	if !bytes.Equal(body, q.Body) {
		return fmt.Errorf("the body is %.200q, want %.200q", body, q.Body)
	}
	return nil
}
