//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package instrument

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// hold makes a lock and takes it. The file stays open for as long as it is held.
func hold(name string) (*os.File, error) {
	for {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) {
			return f, nil // no locks here: then nobody takes this one for abandoned
		}
		if err == nil && isAt(f, name) {
			return f, nil
		}
		// Another run has found it before it was taken, and removes it.
		f.Close()
	}
}

// release removes a lock and lets go of it.
func release(name string, f *os.File) {
	os.Remove(name)
	f.Close()
}

// abandoned tells whether nobody holds a lock, or there is none. It removes one that
// nobody holds.
func abandoned(name string) bool {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return false
	}
	// The run may have ended just now, and another process may have removed its lock.
	if isAt(f, name) {
		os.Remove(name)
	}
	return true
}

// isAt tells whether the open file f is the one that has the name.
func isAt(f *os.File, name string) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(name)
	return err == nil && os.SameFile(a, b)
}
