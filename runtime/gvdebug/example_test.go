package gvdebug_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvdebug"
)

// A server has the page at /debug/gv/. Programs can read what it shows.
func ExampleRegister() {
	rt, err := gv.New(gv.Config{Accounting: true}) // so that the page has waits and run times
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()

	mux := http.NewServeMux()
	gvdebug.Register(mux, rt)
	srv := httptest.NewServer(mux) // on a port that is not for everybody
	defer srv.Close()

	reindex := rt.Go(func(context.Context) error { return gv.Sleep(time.Hour) }, gv.WithName("reindex"), gv.WithPriority(gv.Low))
	for reindex.State() != gv.StateBlocked {
		time.Sleep(time.Millisecond)
	}

	resp, err := http.Get(srv.URL + "/debug/gv/threads.json?priority=low&sort=-RunTime")
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	var low gvdebug.ThreadList
	if err := json.NewDecoder(resp.Body).Decode(&low); err != nil {
		log.Fatal(err)
	}
	for _, t := range low.Threads {
		fmt.Println(t.ID, t.Name, t.Priority, t.State)
	}
	// Output: 1 reindex Low Blocked
}
