package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/testdata/real/internal/postgres"
)

func TestExample(t *testing.T) {
	// A query that its cancellation reaches before it begins goes on until the server looks
	// whether there still is a client.
	url := postgres.Start(t) + " client_connection_check_interval=100"
	for _, engine := range []gv.Engine{gv.Native, gv.Portable} {
		t.Run(engine.String(), func(t *testing.T) {
			var out strings.Builder
			err := run(&out, gv.Config{Workers: 1, Engine: engine}, url)
			if errors.Is(err, gv.ErrNativeUnavailable) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			want := "the lookups' sum is 328350\n" + strings.Repeat("a report was cancelled: true\n", 4)
			if out.String() != want {
				t.Errorf("it prints\n%swant\n%s", &out, want)
			}
			awaitNoReports(t, url)
		})
	}
}

// awaitNoReports returns when the server works on no report any more: the end of the
// thread's context has reached it.
func awaitNoReports(t *testing.T, url string) {
	db, err := open(url, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for {
		var n int
		const query = "select count(*) from pg_stat_activity where state = 'active' and query like 'select pg_sleep%'"
		if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestUnknownServer(t *testing.T) {
	if err := run(&strings.Builder{}, gv.Config{}, "postgres://gv@127.0.0.1:1/gv"); err == nil {
		t.Error("no error where there is no server")
	}
}
