package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gvthread/gvthread/examples/latency/internal/load"
)

// prepare completes o, and returns the requests that all runs send.
func prepare(ctx context.Context, o *options) ([]load.Request, error) {
	if o.Source == "" {
		source, err := standardLibrary(ctx)
		if err != nil {
			return nil, err
		}
		o.Source = source
	}
	return makeRequests(o.Source)
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

// compare runs the modes that o asks for in turns that alternate, so that a machine that
// is busy for a while is so for all. Each round is in the opposite order of the last.
func compare(ctx context.Context, o options, requests []load.Request, p *progress) (r *report, failed error) {
	if o.Other > 0 {
		stop, err := startOther(ctx, o.Other)
		if err != nil {
			return nil, err
		}
		defer func() { failed = errors.Join(failed, stop()) }()
	}
	turns := make(map[string][]*turn)
	order := slices.Clone(o.modes())
	for i := range o.Turns {
		for _, mode := range order {
			p.begin(mode, i+1, o.Turns)
			t, err := takeTurn(ctx, o, mode, requests, p)
			p.end()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", mode, err)
			}
			turns[mode] = append(turns[mode], t)
		}
		slices.Reverse(order)
	}
	return newReport(o, turns), nil
}
