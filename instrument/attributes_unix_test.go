//go:build unix

package instrument_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gvthread/gvthread/instrument"
)

// replaceOne replaces the text "old" of a file by "new".
func replaceOne(name string) error {
	return instrument.Write([]instrument.File{{Name: name, Old: []byte("old"), New: []byte("new")}})
}

// Replacing a file with two names would leave the other name with the old text.
func TestHardLinksAreRefused(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	writeFile(t, a, "old")
	must(t, os.Link(a, b))
	if err := replaceOne(a); err == nil || !strings.Contains(err.Error(), a+": it has other names too (hard links)") || !strings.HasSuffix(err.Error(), "; nothing has been changed") {
		t.Errorf("the error is %v", err)
	}
	expect(t, a, "old")
	expect(t, b, "old")
	expectEntries(t, dir, 2)
}

func TestModeIsKept(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a")
	writeFile(t, name, "old")
	const mode = 0o750 | os.ModeSetuid
	must(t, os.Chmod(name, mode))
	must(t, replaceOne(name))
	expect(t, name, "new")
	if info, err := os.Stat(name); err != nil || info.Mode() != mode {
		t.Errorf("the mode is %v (%v), want %v", info.Mode(), err, os.FileMode(mode))
	}
}

func TestOwnerIsKept(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	name := filepath.Join(t.TempDir(), "a")
	writeFile(t, name, "old")
	must(t, os.Chown(name, 1234, 2345))
	const mode = 0o755 | os.ModeSetuid | os.ModeSetgid
	must(t, os.Chmod(name, mode))
	must(t, replaceOne(name))
	info, err := os.Stat(name)
	must(t, err)
	if s := info.Sys().(*syscall.Stat_t); s.Uid != 1234 || s.Gid != 2345 || info.Mode() != mode {
		t.Errorf("owner %d, group %d, mode %v; want 1234, 2345, %v", s.Uid, s.Gid, info.Mode(), os.FileMode(mode))
	}
}

// Who is not root can't keep another's name on a file that he replaces.
func TestOwnerIsNotLost(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can act as somebody else")
	}
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o777))
	must(t, os.Chmod(filepath.Dir(dir), 0o755))
	name := filepath.Join(dir, "a")
	writeFile(t, name, "old")
	must(t, os.Chmod(name, 0o666))
	must(t, syscall.Setegid(65534))
	must(t, syscall.Seteuid(65534))
	err := replaceOne(name)
	must(t, syscall.Seteuid(0))
	must(t, syscall.Setegid(0))
	if err == nil || !strings.Contains(err.Error(), "it belongs to user 0 and group 0, and would not any more") {
		t.Errorf("the error is %v", err)
	}
	expect(t, name, "old")
	expectEntries(t, dir, 1)
}
