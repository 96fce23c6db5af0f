package real_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/gvthread/gvthread/testdata/real/internal/postgres"
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
	url := postgres.Start(t)
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
