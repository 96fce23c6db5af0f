package main

import (
	"context"
	"fmt"
	"time"

	"github.com/gvthread/gvthread/examples/latency/internal/load"
)

// A turn is what was measured of a mode in one stretch: in a server process and a load
// generator process of its own.
type turn struct {
	load   load.Result
	engine string
	// measured is what the server did in the measured part, quiet what it did after it,
	// when there were no requests any more.
	measured, quiet snapshot
	resident        []int64 // bytes in memory, about once a second of the measured part
	busy            float64 // share of one processor that the load generator took
}

// quietFor is how long the server is watched without requests, or as long as a turn is
// if that is less. Before that it has settle to close its connections.
const (
	quietFor = time.Second
	settle   = 100 * time.Millisecond
)

// takeTurn runs one mode for one turn.
func takeTurn(ctx context.Context, o options, mode string, requests []load.Request, p *progress) (*turn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // whatever is left of the processes
	task := serverTask{
		Mode: mode, Work: o.Work, Engine: o.Engine, Source: o.Source,
		Threads: o.Threads, Workers: o.Workers, Wakes: o.Beside != "",
	}
	program := ""
	if mode == modeBeside {
		task.Mode, program = modeThreads, o.Beside
	}
	server, err := startChild(ctx, roleServer, program, task, "GOGC="+o.GOGC)
	if err != nil {
		return nil, err
	}
	var ready serverReady
	if err := server.read(&ready); err != nil {
		return nil, err
	}
	client, err := startChild(ctx, roleLoad, "", loadTask{
		Addr: ready.Addr, Requests: requests, Conns: o.Conns, Rate: o.Rate,
		Warmup: o.Warmup, Duration: o.turn(),
	})
	if err != nil {
		return nil, err
	}
	t := &turn{engine: ready.Engine}
	if err := t.watch(server, client, p); err != nil {
		return nil, err
	}
	if err := client.end(); err != nil {
		return nil, err
	}
	t.busy = client.busy() / (o.Warmup + o.turn()).Seconds()
	if err := t.watchQuiet(ctx, server, min(quietFor, o.turn())); err != nil {
		return nil, err
	}
	return t, server.end()
}

// watch follows a turn until the load generator has its result.
func (t *turn) watch(server, client *child, p *progress) error {
	var from snapshot
	measuring := false
	for {
		var e loadEvent
		if err := client.read(&e); err != nil {
			return err
		}
		now, err := progressOf(server)
		if err != nil {
			return err
		}
		if e.Measuring {
			measuring, from = true, now
		}
		if bytes := now.Usage.resident(); measuring && bytes > 0 {
			t.resident = append(t.resident, bytes)
		}
		switch {
		case e.Measured:
			measuring, t.measured = false, now.plus(-1, from)
		case e.Progress != nil:
			p.step(*e.Progress, now)
		case e.Result != nil:
			t.load = *e.Result
			return nil
		}
	}
}

// watchQuiet notes what the server does for so long when there are no requests.
func (t *turn) watchQuiet(ctx context.Context, server *child, long time.Duration) error {
	sleep := func(d time.Duration) {
		select {
		case <-time.After(d):
		case <-ctx.Done():
		}
	}
	sleep(settle)
	from, err := progressOf(server)
	if err != nil {
		return err
	}
	sleep(long)
	to, err := progressOf(server)
	t.quiet = to.plus(-1, from)
	return err
}

// progressOf asks the server what it has done.
func progressOf(server *child) (s snapshot, err error) {
	if err := server.ask("how far?", &s); err != nil {
		return s, err
	}
	if s.Error != "" {
		return s, fmt.Errorf("the background work: %s", s.Error)
	}
	return s, nil
}

// pool returns the turns as if they had been one.
func pool(turns []*turn) *turn {
	all := &turn{engine: turns[0].engine, measured: turns[0].measured, quiet: turns[0].quiet}
	var results []*load.Result
	for i, t := range turns {
		results = append(results, &t.load)
		all.resident = append(all.resident, t.resident...)
		all.busy += t.busy / float64(len(turns))
		if i > 0 {
			all.measured = all.measured.plus(1, t.measured)
			all.quiet = all.quiet.plus(1, t.quiet)
		}
	}
	all.load = *load.Merge(results...)
	return all
}

// wakesPerRequest returns how often an OS thread was woken for each answer, beyond what
// goes on without requests; false if that is not known.
func (t *turn) wakesPerRequest() (wakes float64, ok bool) {
	busy, quiet := t.measured.Usage, t.quiet.Usage
	if busy == nil || busy.System == nil || quiet == nil || quiet.System == nil || t.load.Rate == 0 {
		return 0, false
	}
	perSecond := func(s snapshot) float64 { return quotient(float64(s.Usage.System.Voluntary), s.At.Seconds()) }
	return (perSecond(t.measured) - perSecond(t.quiet)) / t.load.Rate, true
}
