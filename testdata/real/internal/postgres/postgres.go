// Package postgres starts a PostgreSQL server for a test.
package postgres

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Start starts a server of its own, with its data in a new directory, and returns where it
// listens. It ends with the test, which is skipped where there is no PostgreSQL.
func Start(t testing.TB) (url string) {
	initdb, server := find(t, "initdb"), find(t, "postgres")
	dir, err := os.MkdirTemp("", "gv-real")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	data := filepath.Join(dir, "data")
	identity := servant(t, dir)
	run := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.SysProcAttr = dir, identity
		return cmd
	}
	if out, err := run(initdb, "-D", data, "-U", "gv", "-A", "trust", "-N").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	srv := run(server, "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")
	srv.Stdout, srv.Stderr = t.Output(), t.Output()
	if err := srv.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = srv.Process.Signal(os.Interrupt) // a fast shutdown
		if err := srv.Wait(); err != nil {
			t.Errorf("the server: %v", err)
		}
	})
	url = fmt.Sprintf("host=%s user=gv dbname=postgres", dir)
	awaitServer(t, url)
	return url
}

// awaitServer returns when the server answers.
func awaitServer(t testing.TB, url string) {
	for range 300 {
		conn, err := pgx.Connect(t.Context(), url)
		if err == nil {
			conn.Close(t.Context())
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the server does not start")
}

// find returns the path of a command of PostgreSQL, which Debian keeps out of PATH.
func find(t testing.TB, name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	paths, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(paths) == 0 {
		t.Skipf("%s is missing: install PostgreSQL (on Debian: apt-get install postgresql)", name)
	}
	return paths[len(paths)-1]
}

// servant gives dir to a user who may run the server, which refuses to run as root,
// and returns what makes a process his; nil for the caller himself.
func servant(t testing.TB, dir string) *syscall.SysProcAttr {
	if os.Geteuid() != 0 {
		return nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		if who, err = user.Lookup("nobody"); err != nil {
			t.Fatal(err)
		}
	}
	uid, _ := strconv.Atoi(who.Uid)
	gid, _ := strconv.Atoi(who.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}
