package load

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// A timer lets one goroutine sleep precisely. Go's own timers don't: in a
// process that has nothing else to do they are rounded up to the milliseconds
// of epoll_wait. A timer of the kernel's is a file that becomes readable, which
// wakes the goroutine at once, as an answer on a connection does.
type timer struct {
	file *os.File
}

func newTimer() (*timer, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("load: making a timer: %w", err)
	}
	return &timer{os.NewFile(uintptr(fd), "timerfd")}, nil
}

func (t *timer) close() { t.file.Close() }

// sleepUntil sleeps until due.
func (t *timer) sleepUntil(due time.Time) error {
	d := time.Until(due)
	if d <= 0 {
		return nil
	}
	raw, err := t.file.SyscallConn()
	if err != nil {
		return err
	}
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(d.Nanoseconds())}
	var setErr error
	if err := raw.Control(func(fd uintptr) { setErr = unix.TimerfdSettime(int(fd), 0, &spec, nil) }); err != nil {
		return err
	}
	if setErr != nil {
		return fmt.Errorf("load: setting the timer: %w", setErr)
	}
	var expirations [8]byte
	if _, err := t.file.Read(expirations[:]); err != nil {
		return fmt.Errorf("load: waiting for the timer: %w", err)
	}
	return nil
}

// slice is the time slice that BeOnTime asks for where it may not have more.
const slice = 100 * time.Microsecond

// BeOnTime asks Linux to let the threads of this process in at once when they
// wake while every core is busy with others: as real-time threads, where the
// process may ask for that (root, CAP_SYS_NICE), else by a short time slice, which
// Linux honours since 6.12. It is best effort, and reports which it was. Without
// real time the generator is late more often, and its Result says so.
//
// It is for a process that does nothing but generate load. On another machine,
// which is where a client usually is, it would not be needed.
func BeOnTime() (realTime bool) {
	// Threads that start later inherit what the one that starts them has.
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return false
	}
	realTime = true
	for _, task := range tasks {
		tid, err := strconv.Atoi(task.Name())
		if err != nil {
			continue
		}
		fifo := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1}
		if unix.SchedSetAttr(tid, &fifo, 0) == nil {
			continue
		}
		realTime = false
		attr, err := unix.SchedGetAttr(tid, 0)
		if err != nil {
			continue
		}
		attr.Runtime = uint64(slice)
		_ = unix.SchedSetAttr(tid, attr, 0)
	}
	return realTime
}
