package load

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// sleepUntil sleeps until t in a system call: Go's own timers are served by
// epoll_wait in whole milliseconds in a process that has nothing else to do.
func sleepUntil(t time.Time) {
	for {
		d := time.Until(t)
		if d <= 0 {
			return
		}
		ts := unix.NsecToTimespec(d.Nanoseconds())
		// A signal ends the sleep early; what is left is slept in the next turn.
		_ = unix.Nanosleep(&ts, nil)
	}
}

// slice is the time slice that BeOnTime asks for.
const slice = 100 * time.Microsecond

// BeOnTime asks Linux to let the threads of this process in soon when they wake
// while every core is busy with others: by a short time slice (honoured since
// Linux 6.12) and no timer slack. It is best effort: where it is refused, the
// generator is late more often, and its Result says so.
//
// It is for a process that does nothing but generate load. On another machine,
// which is where a client usually is, it would not be needed.
func BeOnTime() {
	// Threads that start later inherit what the one that starts them has.
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return
	}
	for _, task := range tasks {
		tid, err := strconv.Atoi(task.Name())
		if err != nil {
			continue
		}
		attr, err := unix.SchedGetAttr(tid, 0)
		if err != nil {
			continue
		}
		attr.Runtime = uint64(slice)
		_ = unix.SchedSetAttr(tid, attr, 0)
	}
}

// noSlack has the kernel's timers wake the calling thread on time, not when it
// is convenient.
func noSlack() {
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
}
