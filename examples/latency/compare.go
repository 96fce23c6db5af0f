package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gvthread/gvthread/examples/latency/internal/load"
)

// A result is what was measured of one mode.
type result struct {
	load       loadResult
	background float64 // bytes a second
	files      int64
	engine     string
	// Preemptions a second; zero where they aren't known.
	cooperative, forced float64
	// Of all wake-ups of the thread that counts them, if there is one.
	late *float64
	// busy is the share of one processor that the load generator took.
	busy float64
}

// compare runs the modes that o asks for, one after another.
func compare(ctx context.Context, o options, p *progress) (map[string]*result, error) {
	if o.Source == "" {
		source, err := standardLibrary(ctx)
		if err != nil {
			return nil, err
		}
		o.Source = source
	}
	requests, err := makeRequests(o.Source)
	if err != nil {
		return nil, err
	}
	results := make(map[string]*result)
	for _, mode := range o.modes() {
		p.begin(mode)
		r, err := measure(ctx, o, mode, requests, p)
		p.end()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", mode, err)
		}
		results[mode] = r
	}
	return results, nil
}

// standardLibrary returns the directory of the standard library's sources.
func standardLibrary(ctx context.Context) (string, error) {
	root := os.Getenv("GOROOT") // the go command sets it for what it runs
	if root == "" {
		out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
		if err != nil {
			return "", fmt.Errorf("looking for the standard library with go env GOROOT: %w (name a directory of Go files with -source)", err)
		}
		root = strings.TrimSpace(string(out))
	}
	return filepath.Join(root, "src"), nil
}

// measure runs one mode: a server process and a load generator process.
func measure(ctx context.Context, o options, mode string, requests []load.Request, p *progress) (*result, error) {
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
	server, err := startChild(ctx, roleServer, program, task)
	if err != nil {
		return nil, err
	}
	var ready serverReady
	if err := server.read(&ready); err != nil {
		return nil, err
	}
	client, err := startChild(ctx, roleLoad, "", loadTask{
		Addr: ready.Addr, Requests: requests, Conns: o.Conns, Rate: o.Rate,
		Warmup: o.Warmup, Duration: o.Duration,
	})
	if err != nil {
		return nil, err
	}
	seen, from, to, err := watch(server, client, p)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(client.end(), server.end()); err != nil {
		return nil, err
	}
	seconds := (to.At - from.At).Seconds()
	var late *float64
	if n := to.Woken - from.Woken; n > 0 {
		share := float64(to.Late-from.Late) / float64(n)
		late = &share
	}
	return &result{
		load:        *seen,
		background:  float64(to.Bytes-from.Bytes) / seconds,
		files:       to.Files - from.Files,
		engine:      ready.Engine,
		cooperative: float64(to.Cooperative-from.Cooperative) / seconds,
		forced:      float64(to.Forced-from.Forced) / seconds,
		late:        late,
		busy:        client.busy() / (o.Warmup + o.Duration).Seconds(),
	}, nil
}

// watch follows a run to its end. It returns what the load generator measured,
// and what the server had done at the beginning and at the end of the measured
// part.
func watch(server, client *child, p *progress) (seen *loadResult, from, to snapshot, err error) {
	for seen == nil {
		var e loadEvent
		if err := client.read(&e); err != nil {
			return nil, from, to, err
		}
		if err := server.ask("how far?", &to); err != nil {
			return nil, from, to, err
		}
		if to.Error != "" {
			return nil, from, to, fmt.Errorf("the background work: %s", to.Error)
		}
		switch {
		case e.Measuring:
			from = to
		case e.Progress != nil:
			p.step(*e.Progress, to)
		}
		seen = e.Result
	}
	return seen, from, to, nil
}
