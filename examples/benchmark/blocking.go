package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvhttp"
)

const (
	clients = 32                   // of the server, each with one request at a time
	answers = 3 * time.Millisecond // how long the database takes
)

// blockingRows are about threads that block in plain Go.
func blockingRows() []row {
	return []row{{
		name: "blocking_go", unit: "requests/s", higher: true, more: []string{"block"},
		about:   "32 clients of a server whose handlers wait 3 ms in plain Go: gvhttp with two workers, then with gv.Block, over net/http",
		threads: serveThreads, goroutines: serveGoroutines,
	}}
}

// query stands for a database: an answer comes after 3 ms from another goroutine.
func query() {
	answer := make(chan int)
	time.AfterFunc(answers, func() { answer <- 1 })
	<-answer
}

func serveThreads(t turn) (v values, err error) {
	err = t.withRuntime(gv.Config{Workers: 2}, func(rt *gv.Runtime) error {
		for _, wait := range []func(){query, func() { gv.Block(query) }} {
			rate, err := throughput(t, gvhttp.Handler(rt, handler(wait)))
			if err != nil {
				return err
			}
			v = append(v, rate)
		}
		return nil
	})
	return v, err
}

func serveGoroutines(t turn) (v values, err error) {
	withProcs(2, func() {
		var rate float64
		rate, err = throughput(t, handler(query))
		v = values{rate, rate}
	})
	return v, err
}

// handler returns a handler that waits and answers.
func handler(wait func()) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		wait()
		io.WriteString(w, "ok")
	})
}

// throughput serves the clients for a while and returns how many requests a second were
// answered.
func throughput(t turn, h http.Handler) (float64, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("starting a server: %w", err)
	}
	srv := &http.Server{Handler: h}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	client := &http.Client{Transport: transport}
	url := "http://" + listener.Addr().String()

	var c crew
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			c.work(func() {
				if err := get(client, url); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			})
		})
	}
	p := c.price(clients, waits*t.long)
	wg.Wait()
	transport.CloseIdleConnections()
	err = srv.Shutdown(context.WithoutCancel(t.ctx))
	if e := <-served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	if e := failed.Load(); e != nil {
		err = errors.Join(err, *e)
	}
	return float64(c.done.Load()) / p.wall.Seconds(), err
}

// get sends a request and reads the answer.
func get(client *http.Client, url string) error {
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || string(body) != "ok") {
		err = fmt.Errorf("the server answered %s, %q", resp.Status, body)
	}
	return err
}
