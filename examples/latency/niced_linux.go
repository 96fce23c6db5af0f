package main

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// nicedMissing says why there is no such mode, "" where there is.
const nicedMissing = ""

// niceness is the greatest there is: the thread runs when no other wants the core.
const niceness = 19

// niced is what plain Go can do with the help of Linux: as many locked OS threads as
// there are cores run the background at a low priority. Two more Ps are for the requests.
type niced struct {
	goroutines
	workers int

	mu  sync.Mutex
	err error
}

func newNiced(task serverTask) (system, error) {
	runtime.GOMAXPROCS(task.Workers + 2)
	return &niced{workers: task.Workers}, nil
}

func (s *niced) start(n int, turn func() bool) {
	for range min(n, s.workers) {
		s.loops.Go(func() {
			// The thread ends with its goroutine: its priority suits nobody else.
			runtime.LockOSThread()
			if err := unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), niceness); err != nil {
				s.fail(fmt.Errorf("setting the niceness of a thread to %d: %w", niceness, err))
				return
			}
			for turn() {
			}
		})
	}
}

func (s *niced) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = errors.Join(s.err, err)
}

func (s *niced) close() error {
	s.loops.Wait()
	return s.err
}
