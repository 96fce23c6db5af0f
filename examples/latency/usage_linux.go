package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// systemMissing says why a system's numbers are missing, "" where they are not.
const systemMissing = ""

// currentSystemUsage returns what Linux says of this process, nil if it doesn't.
func currentSystemUsage() *systemUsage {
	// These are the sums of what /proc/self/task/*/status has, and of the threads that have
	// ended: files that are gone would take their share with them.
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		return nil
	}
	return &systemUsage{
		Faults:      int64(r.Minflt),
		Voluntary:   int64(r.Nvcsw),
		Involuntary: int64(r.Nivcsw),
		Sysmon:      threadTime(sysmonID()),
		Resident:    resident(),
	}
}

// resident returns how many bytes of the process are in memory, 0 if that is not known.
func resident() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// threadTime returns the processor time of an OS thread of this process, 0 if there is no
// such thread.
func threadTime(id int) time.Duration {
	// The clocks of threads have numbers of their own: include/linux/posix-timers_types.h.
	const perThread, scheduler = 4, 2
	var t unix.Timespec
	if id == 0 || unix.ClockGettime(int32(^id<<3|perThread|scheduler), &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// sysmonID returns the OS thread in which Go's own monitor runs, 0 if it is not known.
// Go starts it before any other (runtime/proc.go, main, in Go 1.26), and Linux lists the
// threads in the order in which they were started. (With the race detector there is one
// before it.)
var sysmonID = sync.OnceValue(func() int {
	ids := osThreads()
	if len(ids) < 2 {
		return 0
	}
	return ids[1]
})

// monitorTime returns the processor time of the OS threads that watch over a gvthread
// runtime: the Monitor's, and the one that keeps the slices; 0 if there are none.
func monitorTime() (sum time.Duration) {
	for _, id := range osThreads() {
		name, err := os.ReadFile(filepath.Join(tasks, strconv.Itoa(id), "comm"))
		if err == nil && strings.HasPrefix(string(name), "gv-") {
			sum += threadTime(id)
		}
	}
	return sum
}

const tasks = "/proc/self/task"

// osThreads returns the OS threads of the process in the order in which they were started.
func osThreads() (ids []int) {
	dir, err := os.Open(tasks)
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1) // os.ReadDir would sort them
	if err != nil {
		return nil
	}
	for _, name := range names {
		if id, err := strconv.Atoi(name); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}
