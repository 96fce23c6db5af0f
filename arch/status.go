package arch

// A Status is what a goroutine that should be running is found to be doing.
type Status uint8

const (
	// StatusUnknown: passing from one state to another, or the platform can't
	// tell.
	StatusUnknown Status = iota
	// StatusRunning: on an OS thread, in Go code.
	StatusRunning
	// StatusRunnable: Go's scheduler has it in a queue.
	StatusRunnable
	// StatusBlocked: parked by Go: a channel, a lock, the network poller.
	StatusBlocked
	// StatusSyscall: in a system call or in C.
	StatusSyscall
	// StatusPreempted: parked by a preemption request, waiting to be claimed.
	StatusPreempted
)
