package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gvthread/gvthread/examples/internal/ontime"
)

// A conn is a keep-alive connection with at most one request under way.
type conn struct {
	fd      int
	current atomic.Int64 // the number of the request under way
	in      bytes.Buffer // what has come of the answer
}

func (c *conn) write(p []byte) error {
	n, err := unix.Write(c.fd, p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite // a request is smaller than any socket buffer
	}
	return err
}

// A driver does all the work in one OS thread, which waits in the kernel for the
// next request to be due, and for answers. Go's own way to wait would have other
// threads of the process, and the one that watches over them, wake with each
// request, and displace the server from its cores.
type driver struct {
	run   *run
	conns map[int]*conn // by file descriptor
	epoll int
	timer int // becomes readable when the next request is due
	stop  int // becomes readable when the run is over
	buf   bytes.Buffer
	chunk [64 << 10]byte
}

// connect opens the connections and what else there is to wait for.
func (d *driver) connect(ctx context.Context) error {
	d.epoll, d.timer, d.stop = -1, -1, -1
	d.conns = make(map[int]*conn)
	var err error
	if d.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return fmt.Errorf("load: making an epoll instance: %w", err)
	}
	if d.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK); err != nil {
		return fmt.Errorf("load: making a timer: %w", err)
	}
	if d.stop, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return fmt.Errorf("load: making an event: %w", err)
	}
	if err := errors.Join(d.await(d.timer), d.await(d.stop)); err != nil {
		return err
	}
	for range d.run.cfg.Conns {
		nc, err := d.run.dial(ctx)
		if err != nil {
			return err
		}
		fd, err := takeOver(nc)
		if err != nil {
			return err
		}
		c := &conn{fd: fd}
		d.conns[fd] = c
		d.run.idle = append(d.run.idle, c)
		if err := d.await(fd); err != nil {
			return err
		}
	}
	return nil
}

// takeOver returns a file descriptor for nc of which Go's network poller knows
// nothing.
func takeOver(nc net.Conn) (fd int, err error) {
	defer nc.Close()
	raw, err := nc.(*net.TCPConn).SyscallConn()
	if err != nil {
		return -1, err
	}
	if e := raw.Control(func(old uintptr) { fd, err = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0) }); e != nil {
		err = e
	}
	if err != nil {
		return -1, fmt.Errorf("load: taking over a connection: %w", err)
	}
	return fd, nil
}

// await makes drive wake up when fd is readable.
func (d *driver) await(fd int) error {
	if err := unix.EpollCtl(d.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}); err != nil {
		return fmt.Errorf("load: adding to an epoll instance: %w", err)
	}
	return nil
}

// drive sends each request when it is due and takes the answers, until ctx ends.
func (d *driver) drive(ctx context.Context) {
	defer d.stopWith(ctx)()
	// The thread has a priority that suits nobody else: it ends with its goroutine.
	runtime.LockOSThread()
	d.run.realTime.Store(ontime.Ask())
	next, total := 0, len(d.run.latency)
	for {
		for ; next < total && time.Until(d.run.dueAt(next)) <= 0; next++ {
			d.run.dispatch(next)
		}
		if next < total {
			if err := d.setTimer(time.Until(d.run.dueAt(next))); err != nil {
				d.run.fail(err)
				return
			}
		}
		if over, err := d.wait(); err != nil || over {
			if err != nil {
				d.run.fail(err)
			}
			return
		}
	}
}

// stopWith makes drive end when ctx does. The function that it returns takes that
// back; after it nothing writes to d.stop, which may then be closed.
func (d *driver) stopWith(ctx context.Context) (release func()) {
	written := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(written)
		unix.Write(d.stop, []byte{7: 1})
	})
	return func() {
		if !stop() {
			<-written
		}
	}
}

// setTimer makes the timer readable after t.
func (d *driver) setTimer(t time.Duration) error {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(max(t.Nanoseconds(), 1))}
	if err := unix.TimerfdSettime(d.timer, 0, &spec, nil); err != nil {
		return fmt.Errorf("load: setting the timer: %w", err)
	}
	return nil
}

// wait waits for something to do, and takes answers. It reports whether the run is
// over.
func (d *driver) wait() (over bool, err error) {
	var events [16]unix.EpollEvent
	n, err := unix.EpollWait(d.epoll, events[:], -1)
	if err == unix.EINTR {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("load: waiting for answers: %w", err)
	}
	for _, e := range events[:n] {
		switch fd := int(e.Fd); fd {
		case d.stop:
			return true, nil
		case d.timer:
			// Nothing sets it anew after the last request, and a thread that is
			// told of it for ever would keep the server off its core.
			if _, err := unix.Read(d.timer, d.chunk[:8]); err != nil && err != unix.EAGAIN {
				return false, fmt.Errorf("load: reading the timer: %w", err)
			}
		default:
			if !d.read(d.conns[fd]) {
				return true, nil
			}
		}
	}
	return false, nil
}

// read takes what has come over c. It reports whether all is well.
func (d *driver) read(c *conn) bool {
	n, err := unix.Read(c.fd, d.chunk[:])
	switch {
	case err == syscall.EAGAIN || err == syscall.EINTR:
		return true
	case err == nil && n == 0:
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return d.run.answer(c, nil, nil, err)
	}
	c.in.Write(d.chunk[:n])
	header, body, err := readAnswer(bufio.NewReader(bytes.NewReader(c.in.Bytes())), &d.buf)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return true // there is more to come
	}
	c.in.Reset()
	return d.run.answer(c, header, body, err)
}

// close hangs up.
func (d *driver) close() {
	for fd := range d.conns {
		unix.Close(fd)
	}
	for _, fd := range []int{d.epoll, d.timer, d.stop} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}
