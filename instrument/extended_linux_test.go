package instrument_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A file keeps its extended attributes, and gets none from its directory.
func TestExtendedAttributesAreKept(t *testing.T) {
	dir := t.TempDir()
	with, without := filepath.Join(dir, "with"), filepath.Join(dir, "without")
	writeFile(t, with, "old")
	writeFile(t, without, "old")
	set(t, with, "user.note", "mine")
	set(t, with, "user.empty", "")
	// User 1000 may write every new file: version 2; then tag, permissions, id.
	const access = "\x02\x00\x00\x00" +
		"\x01\x00\x06\x00\xff\xff\xff\xff" + "\x02\x00\x06\x00\xe8\x03\x00\x00" + "\x04\x00\x04\x00\xff\xff\xff\xff" +
		"\x10\x00\x06\x00\xff\xff\xff\xff" + "\x20\x00\x04\x00\xff\xff\xff\xff"
	set(t, dir, "system.posix_acl_default", access)
	set(t, with, "system.posix_acl_access", access)
	before, err := os.Stat(with)
	must(t, err)
	must(t, replaceOne(with))
	must(t, replaceOne(without))
	for name, want := range map[string]string{"user.note": "mine", "user.empty": "", "system.posix_acl_access": access} {
		value := make([]byte, 1000)
		n, err := syscall.Getxattr(with, name, value)
		if err != nil || string(value[:n]) != want {
			t.Errorf("%s is %q (%v), want %q", name, value[:max(n, 0)], err, want)
		}
	}
	if after, err := os.Stat(with); err != nil || after.Mode() != before.Mode() {
		t.Errorf("the mode was %v, and is %v (%v)", before.Mode(), after.Mode(), err)
	}
	if n, err := syscall.Getxattr(without, "system.posix_acl_access", nil); err == nil {
		t.Errorf("a file that had no access list has one, of %d bytes", n)
	}
}

func set(t *testing.T, name, key, value string) {
	t.Helper()
	err := syscall.Setxattr(name, key, []byte(value), 0)
	if errors.Is(err, syscall.ENOTSUP) {
		t.Skipf("no attribute %s on this file system", key)
	}
	must(t, err)
}
