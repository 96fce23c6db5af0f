package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// measureTree puts all modules into one workspace, and measures what the
// instrumenter takes for all of it, tests included.
func (c *config) measureTree(ctx context.Context, modules []module) error {
	args := []string{"-q", "-tests", "-tags=noasm,purego"}
	use := []string{"work", "use"}
	lines := 0
	for _, m := range modules {
		progress(m, "copying %s", m.Version)
		dir, err := c.copy(ctx, m, "tree")
		if err != nil {
			return err
		}
		n, err := countLines(dir)
		if err != nil {
			return err
		}
		lines += n
		use = append(use, dir)
		rel, err := filepath.Rel(c.work, dir)
		if err != nil {
			return err
		}
		args = append(args, "./"+rel+"/...")
	}
	if _, err := output(ctx, c.work, nil, "go", "work", "init"); err != nil {
		return err
	}
	if _, err := output(ctx, c.work, nil, "go", use...); err != nil {
		return err
	}
	// The standard library's export data come from the go command's cache, which
	// the first list fills.
	if _, err := output(ctx, c.work, nil, c.tool, append([]string{"-l"}, args...)...); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, c.tool, args...)
	cmd.Dir = c.work
	begin := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	fmt.Printf("%d modules, %d lines: %.1f s, %.1f s of processor time, %d MiB\n", len(modules), lines, time.Since(begin).Seconds(),
		(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), peakMemory(cmd.ProcessState)>>20)
	return nil
}

// countLines counts the lines of the Go files that the go command sees.
func countLines(dir string) (lines int, err error) {
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "testdata" {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(name, ".go") || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		lines += bytes.Count(data, []byte("\n"))
		return err
	})
	return lines, err
}
