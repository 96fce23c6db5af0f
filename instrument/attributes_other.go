//go:build !unix

package instrument

import (
	"os"
	"syscall"
)

// endings are the signals that CatchEndings catches.
var endings = []os.Signal{os.Interrupt, syscall.SIGTERM}

// keepAttributes gives temp the mode of the file that it is to replace.
func keepAttributes(temp *os.File, _ string, info os.FileInfo) error {
	return temp.Chmod(info.Mode().Perm())
}
