package gvhttp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	goruntime "runtime"
	"syscall"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvhttp"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// pair returns both ends of a connection over l. Its server's is one of Listener.
func pair(t *testing.T, l net.Listener) (server, client net.Conn) {
	t.Helper()
	defer l.Close()
	client, err := net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err = gvhttp.Listener(l).Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		server.Close()
	})
	return server, client
}

// listen listens on the loopback interface.
func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// smallPair is pair over TCP, with small buffers.
func smallPair(t *testing.T) (server, client net.Conn) {
	t.Helper()
	server, client = pair(t, listen(t))
	smallBuffers(server)
	smallBuffers(client)
	return server, client
}

// A deadline and Close end calls that wait. What they return is what the connection inside
// does, and as much has been sent as they say.
func TestCallsThatWaitEnd(t *testing.T) {
	past := time.Unix(1, 0)
	for _, tt := range []struct {
		name string
		call func(net.Conn) (int, error)
		end  func(net.Conn)
		want error
	}{
		{"write deadline", func(c net.Conn) (int, error) { return c.Write(big) }, func(c net.Conn) { c.SetWriteDeadline(past) }, os.ErrDeadlineExceeded},
		{"write close", func(c net.Conn) (int, error) { return c.Write(big) }, func(c net.Conn) { c.Close() }, net.ErrClosed},
		{"read deadline", func(c net.Conn) (int, error) { return c.Read(make([]byte, 1)) }, func(c net.Conn) { c.SetReadDeadline(past) }, os.ErrDeadlineExceeded},
		{"read close", func(c net.Conn) (int, error) { return c.Read(make([]byte, 1)) }, func(c net.Conn) { c.Close() }, net.ErrClosed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
				server, client := smallPair(t)
				var n int
				th := rt.Go(func(context.Context) (err error) {
					n, err = tt.call(server)
					return err
				})
				await(th, gv.StateBlocked)
				tt.end(server)
				var op *net.OpError
				if err := th.Wait(); !errors.Is(err, tt.want) || !errors.As(err, &op) {
					t.Errorf("error %v, want a *net.OpError of %v", err, tt.want)
				}
				if tt.name == "write deadline" {
					if _, err := server.Write(big[:1]); !errors.Is(err, tt.want) {
						t.Errorf("the next write: %v", err)
					}
				}
				server.Close()
				if goruntime.GOOS == "windows" {
					return // it doesn't say what a write that is cancelled has sent
				}
				if got, err := io.ReadAll(client); err != nil || !bytes.Equal(got, big[:n]) {
					t.Errorf("%d bytes came of %d that were said to be sent, error %v", len(got), n, err)
				}
			})
		})
	}
}

// Writes that are made at once are not mixed, as on any net.Conn. They are longer than what
// a socket takes at once.
func TestWritesAtOnceAreNotMixed(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		server, client := smallPair(t)
		const writers, writes, size = 8, 20, 150 << 10
		write := func(letter byte) (err error) {
			for i := 0; i < writes && err == nil; i++ {
				_, err = server.Write(bytes.Repeat([]byte{letter}, size))
			}
			return err
		}
		errs := make(chan error, writers+1)
		for i := range writers {
			go func() { errs <- rt.Do(func(context.Context) error { return write(byte(i)) }) }()
		}
		go func() { errs <- write(writers) }()
		seen, want := map[byte]int{}, map[byte]int{}
		for i := range writers + 1 {
			want[byte(i)] = writes
		}
		for range (writers + 1) * writes {
			got := make([]byte, size)
			if _, err := io.ReadFull(client, got); err != nil {
				t.Error(err)
				break
			}
			if n := bytes.Count(got, got[:1]); n != size {
				t.Errorf("of a write of %d bytes %d came in one piece", size, n)
				break
			}
			seen[got[0]]++
		}
		client.Close()
		for range writers + 1 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if !maps.Equal(seen, want) {
			t.Errorf("writes that came: %v", seen)
		}
	})
}

// A plainConn is one that is not of package net itself, though it has its descriptor: it
// counts what is written, which must not be bypassed.
type plainConn struct {
	net.Conn
	written *int
}

func (c plainConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	*c.written += n
	return n, err
}

func (c plainConn) SyscallConn() (syscall.RawConn, error) { return c.Conn.(*net.TCPConn).SyscallConn() }

type plainListener struct {
	net.Listener
	written *int
}

func (l plainListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return plainConn{c, l.written}, nil
}

// All kinds of connections carry what is written and copied, files, too, and close in two
// steps if they can.
func TestKindsOfConnections(t *testing.T) {
	file := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(file, big, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []struct {
		name   string
		listen func(t *testing.T, written *int) net.Listener
	}{
		{"TCP", func(t *testing.T, _ *int) net.Listener { return listen(t) }},
		{"unix", func(t *testing.T, _ *int) net.Listener {
			l, err := net.Listen("unix", filepath.Join(t.TempDir(), "socket"))
			if err != nil {
				t.Skip(err)
			}
			return l
		}},
		{"plain", func(t *testing.T, written *int) net.Listener { return plainListener{listen(t), written} }},
	} {
		t.Run(kind.name, func(t *testing.T) {
			enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
				var written int
				server, client := pair(t, kind.listen(t, &written))
				var closing error
				th := rt.Go(func(context.Context) error {
					f, err := os.Open(file)
					if err != nil {
						return err
					}
					defer f.Close()
					head := make([]byte, 4)
					if _, err := io.ReadFull(server, head); err != nil || string(head) != "send" {
						t.Errorf("read %q, %v", head, err)
					}
					for _, part := range []io.Reader{io.LimitReader(f, 1000), f, bytes.NewReader(big)} {
						if _, err := io.Copy(server, part); err != nil {
							return err
						}
					}
					closing = server.(interface{ CloseWrite() error }).CloseWrite()
					if closing != nil {
						return server.Close()
					}
					_, err = server.Read(head)
					if err != io.EOF {
						t.Errorf("the client's end: %v", err)
					}
					return nil
				})
				io.WriteString(client, "send")
				if got, err := io.ReadAll(client); err != nil || !bytes.Equal(got, append(big[:len(big):len(big)], big...)) {
					t.Errorf("%d bytes, error %v, want %d", len(got), err, 2*len(big))
				}
				client.Close()
				if err := th.Wait(); err != nil {
					t.Error(err)
				}
				if kind.name != "plain" {
					if closing != nil {
						t.Error(closing)
					}
					return
				}
				if written != 2*len(big) {
					t.Errorf("%d bytes went through its Write, want %d", written, 2*len(big))
				}
				if !errors.Is(closing, errors.ErrUnsupported) {
					t.Errorf("CloseWrite: %v", closing)
				}
			})
		})
	}
}
