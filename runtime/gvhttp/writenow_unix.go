//go:build unix

package gvhttp

import "syscall"

// writeNow writes what the socket's buffer takes of p, and returns how much that is. It
// waits for nothing. A deadline or an error that keeps it from writing is what the Write
// that follows reports.
func writeNow(raw syscall.RawConn, p []byte) (n int) {
	_ = raw.Write(func(fd uintptr) (done bool) {
		n, _ = syscall.Write(int(fd), p)
		return true // also when the buffer is full: the wait is another's
	})
	return max(n, 0)
}
