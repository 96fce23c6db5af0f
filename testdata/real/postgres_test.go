package real_test

import (
	"context"
	"fmt"
	"net"
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

// A connection to a server that says nothing.
func TestPgxConnect(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	onEachEnding(t, func(ctx context.Context, waits func()) error {
		go func() {
			conn, err := l.Accept()
			if err == nil {
				t.Cleanup(func() { conn.Close() }) // not before the client has given up
			}
			waits()
		}()
		_, err := pgx.Connect(ctx, "postgres://gv@"+l.Addr().String()+"/gv?sslmode=disable")
		return err
	}, isContextErr)
}

// A query that takes its time.
func TestPgxQuery(t *testing.T) {
	url := startPostgres(t)
	watcher := connect(t, url)
	onEachEnding(t, func(ctx context.Context, waits func()) error {
		conn, err := pgx.Connect(context.Background(), url)
		if err != nil {
			waits()
			return err
		}
		defer conn.Close(context.Background())
		go func() {
			awaitQuery(t, watcher)
			waits()
		}()
		_, err = conn.Exec(ctx, "select pg_sleep(3600)")
		return err
	}, isContextErr)
}

// awaitQuery returns when a query of pg_sleep runs, or the connection is too slow.
func awaitQuery(t *testing.T, watcher *pgx.Conn) {
	const query = "select count(*) from pg_stat_activity where state = 'active' and query = 'select pg_sleep(3600)'"
	for range 1000 {
		var n int
		if err := watcher.QueryRow(context.Background(), query).Scan(&n); err != nil {
			t.Error(err)
			return
		}
		if n > 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// startPostgres starts a server of its own, with its data in a new directory, and
// returns where it listens.
func startPostgres(t *testing.T) (url string) {
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
func awaitServer(t *testing.T, url string) {
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
func find(t *testing.T, name string) string {
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
func servant(t *testing.T, dir string) *syscall.SysProcAttr {
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
