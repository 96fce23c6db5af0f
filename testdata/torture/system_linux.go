package main

import (
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// What here is Linux's own.

// osThread returns the number of the calling OS thread.
func osThread() int { return syscall.Gettid() }

// nanosleep blocks in the kernel, for d or until a signal comes.
func nanosleep(d time.Duration) {
	ts := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&ts, nil)
}

// switches is how often the process has given up a core by itself.
func switches() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return int64(u.Nvcsw)
}

// switchesByThread tells switches apart by OS thread.
func switchesByThread() (all []giving) {
	tasks, _ := filepath.Glob("/proc/self/task/[0-9]*")
	for _, task := range tasks {
		g := giving{}
		g.tid, _ = strconv.Atoi(filepath.Base(task))
		status, _ := os.ReadFile(filepath.Join(task, "status")) // it may have ended
		for line := range strings.Lines(string(status)) {
			if n, ok := strings.CutPrefix(line, "voluntary_ctxt_switches:"); ok {
				g.n, _ = strconv.ParseInt(strings.TrimSpace(n), 10, 64)
			}
		}
		where, _ := os.ReadFile(filepath.Join(task, "syscall"))
		g.where = "system call " + strings.TrimSpace(string(where))
		all = append(all, g)
	}
	return all
}

// systemUpsets are the upsets that other systems don't have.
var systemUpsets = []upset{{"signals", signals, nil}}

// showerProfiling sends the profiler's signal to every OS thread.
func showerProfiling() { shower(syscall.SIGPROF) }

// shower sends a signal to every OS thread of the process.
func shower(sig syscall.Signal) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		syscall.Kill(os.Getpid(), sig)
		return
	}
	for _, task := range tasks {
		if tid, err := strconv.Atoi(task.Name()); err == nil {
			syscall.RawSyscall(syscall.SYS_TGKILL, uintptr(os.Getpid()), uintptr(tid), uintptr(sig)) // it may have ended
		}
	}
}

// caught gets the signals. It is registered once, since package os/signal keeps
// a goroutine from then on.
var caught = func() chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	return c
}()

// signals sends a storm of signals.
func signals(w *world, r *rand.Rand) {
	for range 20 {
		shower(syscall.SIGUSR1)
		if r.IntN(4) == 0 {
			w.pause(r, 100*time.Microsecond)
		}
	}
	<-caught
}
