package steps

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// The marks are signals that an OS thread sends to itself. The tracer sees them
// before they are delivered, and takes them away. Without a tracer Go's handler
// drops them, as long as the program does not ask for them with signal.Notify.
const (
	beginMark = unix.SIGUSR1
	endMark   = unix.SIGUSR2
)

// Begin marks the start of what is counted, in a child of Count. In other
// processes it does nothing but make two system calls.
func Begin() {
	// Go counts the caller's time slice anew. One that has run for long would
	// perhaps be asked to make way just here, and do it after the mark.
	runtime.Gosched()
	mark(beginMark)
}

// End marks the end of what is counted. The same goroutine, or at least one on the
// same OS thread, must have called Begin.
func End() { mark(endMark) }

// mark makes raw system calls: Go's scheduler is not to take part.
func mark(s unix.Signal) {
	tid, _, _ := unix.RawSyscall(unix.SYS_GETTID, 0, 0, 0)
	unix.RawSyscall(unix.SYS_TGKILL, uintptr(os.Getpid()), tid, uintptr(s))
}
