//go:build unix

package instrument

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// endings are the signals that CatchEndings catches.
var endings = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}

// errLinks says why a file with several names is left alone.
var errLinks = errors.New("it has other names too (hard links), which would keep the old text; make it a file of its own, or use gvinstrument build, which leaves sources alone")

// keepAttributes gives temp what the file of that name, which it is to replace, has
// besides its text. It returns an error if it can't.
func keepAttributes(temp *os.File, name string, info os.FileInfo) error {
	was := info.Sys().(*syscall.Stat_t)
	if was.Nlink > 1 {
		return errLinks
	}
	made, err := temp.Stat()
	if err != nil {
		return err
	}
	is := made.Sys().(*syscall.Stat_t)
	if is.Uid != was.Uid || is.Gid != was.Gid {
		if err := temp.Chown(int(was.Uid), int(was.Gid)); err != nil {
			return fmt.Errorf("it belongs to user %d and group %d, and would not any more (%w); run gvinstrument as that user", was.Uid, was.Gid, err)
		}
	}
	// A change of the owner takes the bits away that run a file as somebody else.
	const bits = os.ModePerm | os.ModeSetuid | os.ModeSetgid | os.ModeSticky
	if err := temp.Chmod(info.Mode() & bits); err != nil {
		return err
	}
	if err := keepExtended(temp.Name(), name); err != nil {
		return err
	}
	made, err = temp.Stat()
	if err == nil && made.Mode()&bits != info.Mode()&bits {
		err = fmt.Errorf("its mode is %v, and would be %v; change it first, or use gvinstrument build, which leaves sources alone", info.Mode(), made.Mode())
	}
	return err
}
