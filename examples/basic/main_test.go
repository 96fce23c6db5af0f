package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestOutput(t *testing.T) {
	// A file, since the threads write to it while they may be preempted.
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := run(f); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	want := []string{
		"ping 0", "pong 0", "ping 1", "pong 1", "ping 2", "pong 2",
		"adder returned <nil>",
		"sum 30",
		"result: no luck",
		"sleeper ended: gv: thread cancelled: wake up",
	}
	// On a busy machine a turn may end early: whose turn it is in the first six
	// lines is then another matter.
	const turns = 6
	if len(lines) < turns {
		t.Fatalf("output %q", lines)
	}
	slices.Sort(lines[:turns])
	slices.Sort(want[:turns])
	if !slices.Equal(lines, want) {
		t.Errorf("output\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}
