//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package instrument

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
)

// hold makes a lock. The file stays open for as long as it is held.
func hold(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

// release lets go of a lock and removes it.
func release(name string, f *os.File) {
	f.Close()
	os.Remove(name)
}

// abandoned tells whether nobody holds a lock, or there is none. It removes one that
// nobody holds.
//
// Windows removes no file that is open. Elsewhere a lock that is there counts as held.
func abandoned(name string) bool {
	_, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	return runtime.GOOS == "windows" && os.Remove(name) == nil
}
