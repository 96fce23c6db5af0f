//go:build !linux

package main

import (
	"io"
	"net"
	"time"
)

// A wire is the client's connection.
type wire struct{ conn net.Conn }

func dial(address string) (*wire, error) {
	conn, err := net.Dial("tcp", address)
	return &wire{conn}, err
}

func (w *wire) sleep(d time.Duration) { time.Sleep(d) }

// exchange writes the message and reads the answer into it.
func (w *wire) exchange(message []byte) error {
	if _, err := w.conn.Write(message); err != nil {
		return err
	}
	_, err := io.ReadFull(w.conn, message)
	return err
}
