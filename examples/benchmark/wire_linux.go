package main

import (
	"errors"
	"io"
	"net"
	"os"
	goruntime "runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gvthread/gvthread/examples/internal/ontime"
)

// A wire is the client's connection. One OS thread sleeps, writes and reads in the
// kernel, and on time: what Go's scheduler would add is not what is measured.
type wire struct {
	file *os.File
	fd   int
}

// dial connects the calling OS thread.
func dial(address string) (*wire, error) {
	goruntime.LockOSThread()
	ontime.Ask()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	file, err := conn.(*net.TCPConn).File() // a duplicate
	if err != nil {
		return nil, err
	}
	fd := int(file.Fd())
	return &wire{file, fd}, unix.SetNonblock(fd, false)
}

func (w *wire) sleep(d time.Duration) {
	ts := unix.NsecToTimespec(d.Nanoseconds())
	_ = unix.Nanosleep(&ts, nil) // a signal may end it early, and does no harm
}

// exchange writes the message and reads the answer into it.
func (w *wire) exchange(message []byte) error {
	if _, err := unix.Write(w.fd, message); err != nil {
		return err
	}
	for got := 0; got < len(message); {
		n, err := unix.Read(w.fd, message[got:])
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return err
		case n == 0:
			return io.ErrUnexpectedEOF
		}
		got += n
	}
	return nil
}
