package load

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// readAnswer reads one response from in. It returns its header and its body, which it
// puts into buf.
func readAnswer(in *bufio.Reader, buf *bytes.Buffer) (http.Header, []byte, error) {
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	buf.Reset()
	if _, err := io.Copy(buf, resp.Body); err != nil {
		return nil, nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("status %s: %.200q", resp.Status, buf.Bytes())
	}
	return resp.Header, buf.Bytes(), nil
}

// verify says how body differs from what q must be answered with.
func (q *Request) verify(body []byte) error {
	if !bytes.Equal(body, q.Body) {
		return fmt.Errorf("the body is %.200q, want %.200q", body, q.Body)
	}
	return nil
}
