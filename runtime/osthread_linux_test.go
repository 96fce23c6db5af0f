package gv_test

import "golang.org/x/sys/unix"

// osThread returns the number of the calling OS thread.
func osThread() int { return unix.Gettid() }
