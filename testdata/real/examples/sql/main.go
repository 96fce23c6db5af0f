// The database/sql example has lookups in a Critical thread beside reports in Low ones, on
// one worker: database/sql and its drivers need no wrapping, since a thread that waits for
// an answer loses its worker to any other that needs it, and a thread that is cancelled
// ends its query, by its context. Who waits for a connection of a pool is served without
// regard to priority, so each priority has a pool of its own. It needs a PostgreSQL server:
// -database says which.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	gv "github.com/gvthread/gvthread/runtime"
	_ "github.com/jackc/pgx/v5/stdlib"
)

func main() {
	database := flag.String("database", "", "`URL` of a PostgreSQL database, as postgres://user@host/name")
	flag.Parse()
	if *database == "" {
		fmt.Fprintln(os.Stderr, "name a database: -database postgres://user@host/name")
		os.Exit(2)
	}
	if err := run(os.Stdout, gv.Config{Workers: 1}, *database); err != nil {
		log.Fatal(err)
	}
}

func run(out io.Writer, c gv.Config, database string) error {
	rt, err := gv.New(c)
	if err != nil {
		return err
	}
	defer rt.Close()
	forReports, err := open(database, 2)
	if err != nil {
		return err
	}
	defer forReports.Close()
	forLookups, err := open(database, 2)
	if err != nil {
		return err
	}
	defer forLookups.Close()

	// More reports than their pool has connections, and each takes a minute.
	var reports []*gv.Thread
	for range 4 {
		reports = append(reports, rt.Go(func(ctx context.Context) error {
			_, err := forReports.ExecContext(ctx, "select pg_sleep(60)")
			return err
		}, gv.WithPriority(gv.Low)))
	}

	sum := 0
	if err := rt.Do(func(ctx context.Context) error {
		for i := range 100 {
			var square int
			if err := forLookups.QueryRowContext(ctx, "select $1::int * $1::int", i).Scan(&square); err != nil {
				return err
			}
			sum += square
		}
		return nil
	}, gv.WithPriority(gv.Critical)); err != nil {
		return err
	}
	fmt.Fprintln(out, "the lookups' sum is", sum)

	for _, report := range reports {
		report.Cancel(errors.New("nobody waits for it"))
	}
	for _, report := range reports {
		fmt.Fprintln(out, "a report was cancelled:", errors.Is(report.Wait(), context.Canceled))
	}
	return nil
}

// open returns a pool of so many connections.
func open(database string, connections int) (*sql.DB, error) {
	db, err := sql.Open("pgx", database)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	return db, nil
}
