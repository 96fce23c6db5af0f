package arch

import (
	"os"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// ProcessorLimits returns what Go chooses GOMAXPROCS by where the program has not: how many
// cores the calling OS thread may use, and the quota of the control group. It is a
// text that is another one when they are, and empty if nothing is known.
func ProcessorLimits() string {
	var text strings.Builder
	var cores unix.CPUSet
	if unix.SchedGetaffinity(0, &cores) == nil {
		text.WriteString(strconv.Itoa(cores.Count()))
	}
	var line [64]byte // longer than any of these files: runtime/cgroup_linux.go
	for _, fd := range quotaFiles() {
		if n, err := unix.Pread(fd, line[:], 0); err == nil {
			text.WriteByte(' ')
			text.Write(line[:n])
		}
	}
	return text.String()
}

// quotaFiles returns the files of the control group that Go reads. It keeps them open from
// its start on, of the group that the process is in then (OpenCPU in
// internal/runtime/cgroup/cgroup_linux.go), and has closed them where GODEBUG has
// containermaxprocs=0. One that the program has opened itself does no harm.
var quotaFiles = sync.OnceValue(func() (fds []int) {
	for fd := range quotaFilesWithin {
		name, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
		if err != nil {
			continue
		}
		for _, file := range []string{"/cpu.max", "/cpu.cfs_quota_us", "/cpu.cfs_period_us"} {
			if strings.HasSuffix(name, file) {
				fds = append(fds, fd)
			}
		}
	}
	return fds
})

// quotaFilesWithin bounds their numbers: they come right after the files that the process
// has inherited.
const quotaFilesWithin = 256
