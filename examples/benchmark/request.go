package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

const (
	interval = 5 * time.Millisecond   // between two requests
	request  = 100 * time.Microsecond // what one takes to answer
	size     = 8                      // bytes of a request and of an answer: a time
)

// requestRows are about the way from a client to a thread.
func requestRows() []row {
	return []row{{
		name: "request_wakeup", unit: "ns", more: latenessMore, most: 7,
		about: "from a client's write, in another process, to the first line of the Critical thread that answers, beside 64 Low ones that compute, two workers",
		threads: func(t turn) (v values, err error) {
			err = besideThreads(t, func() { spin(100) }, func(rt *gv.Runtime) error {
				v, err = serveClient(t, func(fn func()) error {
					return rt.Do(func(context.Context) error {
						fn()
						return nil
					}, gv.WithPriority(gv.Critical))
				})
				return err
			})
			return v, err
		},
		goroutines: func(t turn) (v values, err error) {
			besideGoroutines(func() {
				v, err = serveClient(t, func(fn func()) error {
					fn()
					return nil
				})
			})
			return v, err
		},
	}}
}

// serveClient starts a client and answers its requests in do. It returns how late they
// were.
func serveClient(t turn, do func(func()) error) (values, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting a server: %w", err)
	}
	defer listener.Close()
	cmd, err := command(t.ctx, roleClient, listener.Addr().String(), (waits * t.long).String())
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	answered := make(chan error, 1)
	go func() { answered <- answer(listener, do) }()
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("the client: %w", err)
	}
	if err := <-answered; err != nil {
		return nil, err
	}
	var late []time.Duration
	if err := json.Unmarshal(out, &late); err != nil {
		return nil, fmt.Errorf("the client: %w in %q", err, out)
	}
	return lateness(late), nil
}

// answer serves one connection: it answers a request with the time at which the work on
// it began, which do does.
func answer(listener net.Listener, do func(func()) error) error {
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	var message [size]byte
	for {
		if _, err := io.ReadFull(conn, message[:]); err != nil {
			if errors.Is(err, io.EOF) {
				return nil // the client has done
			}
			return err
		}
		err := do(func() {
			began := time.Now()
			binary.LittleEndian.PutUint64(message[:], uint64(began.UnixNano()))
			for time.Since(began) < request {
			}
		})
		if err != nil {
			return err
		}
		if _, err := conn.Write(message[:]); err != nil {
			return err
		}
	}
}

// playClient sends one request at a time, and writes how long after that the work on it
// began.
func playClient(address, long string) error {
	d, err := time.ParseDuration(long)
	if err != nil {
		return err
	}
	w, err := dial(address)
	if err != nil {
		return fmt.Errorf("the client: %w", err)
	}
	late := []time.Duration{}
	var message [size]byte
	for began := time.Now(); len(late) == 0 || time.Since(began) < d; {
		w.sleep(interval)
		sent := time.Now().UnixNano()
		if err := w.exchange(message[:]); err != nil {
			return fmt.Errorf("the client: %w", err)
		}
		late = append(late, time.Duration(int64(binary.LittleEndian.Uint64(message[:]))-sent))
	}
	return json.NewEncoder(os.Stdout).Encode(late)
}
