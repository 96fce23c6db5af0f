package instrument

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/gvthread/gvthread/instrument/internal/load"
)

// A staging is the files of a run that wait to take the place of others.
//
// A run can be killed at any time, and its files must not stay for ever. So each of
// their names has the run's id. Before its first file, the run makes a lock, in the
// directory of the module, and after its last it removes it. The system lets go of the
// lock when the process ends, however that happens. A file whose run holds no lock is a
// dead run's.
type staging struct {
	id    string
	count int
	locks map[string]*os.File // by name
}

// stagedName is what the names of staged files and of locks look like.
var stagedName = regexp.MustCompile(`^(\.gvinstrument-[0-9a-f]{16})(-[0-9]+|\.lock)$`)

func newStaging() *staging {
	var id [8]byte
	rand.Read(id[:])
	return &staging{id: ".gvinstrument-" + hex.EncodeToString(id[:]), locks: map[string]*os.File{}}
}

// create makes a new file in dir, which has no symbolic links in it.
func (s *staging) create(dir string) (*os.File, error) {
	lock := lockOf(dir, s.id)
	if s.locks[lock] == nil {
		f, err := hold(lock)
		if err != nil {
			return nil, err
		}
		s.locks[lock] = f
	}
	s.count++
	name := filepath.Join(dir, fmt.Sprintf("%s-%d", s.id, s.count))
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

// end removes the locks. No file may be staged any more.
func (s *staging) end() {
	for name, f := range s.locks {
		release(name, f)
	}
}

// Temp makes a file in dir that is there until remove is called. Should the process be
// killed first, Clean removes it.
func Temp(dir string) (f *os.File, remove func(), err error) {
	s := newStaging()
	if dir, err = filepath.EvalSymlinks(dir); err == nil {
		f, err = s.create(dir)
	}
	if err != nil {
		s.end()
		return nil, nil, fmt.Errorf("making a file that others read: %w", err)
	}
	return f, func() {
		os.Remove(f.Name())
		s.end()
	}, nil
}

// lockOf names the lock of a run for its files in dir.
func lockOf(dir, id string) string { return filepath.Join(load.ModuleDir(dir), id+".lock") }

// Clean removes what runs that were killed have left in directories, and returns how
// many texts that were. It leaves the files of runs that go on alone.
func Clean(dirs []string) (int, error) {
	seen := map[string]bool{}
	n := 0
	var errs []error
	for _, dir := range dirs {
		dir, err := filepath.EvalSymlinks(dir)
		if err != nil {
			continue // there is nothing to be found
		}
		// The locks are beside go.mod.
		for _, dir := range []string{dir, load.ModuleDir(dir)} {
			if !seen[dir] {
				seen[dir] = true
				removed, err := cleanDir(dir)
				n += removed
				errs = append(errs, err)
			}
		}
	}
	return n, errors.Join(errs...)
}

func cleanDir(dir string) (n int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, fmt.Errorf("looking for files of interrupted runs: %w", err)
	}
	var errs []error
	for _, e := range entries {
		match := stagedName.FindStringSubmatch(e.Name())
		if match == nil || !abandoned(lockOf(dir, match[1])) {
			continue
		}
		if match[2] == ".lock" {
			continue // it is gone by now
		}
		err := os.Remove(filepath.Join(dir, e.Name()))
		if err == nil {
			n++
		} else if !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("removing a file of an interrupted run: %w", err))
		}
	}
	return n, errors.Join(errs...)
}
