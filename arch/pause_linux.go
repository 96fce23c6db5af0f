package arch

import "golang.org/x/sys/unix"

// osYield gives the core to another OS thread without telling Go's scheduler,
// as pinned code must.
func osYield() { unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }
