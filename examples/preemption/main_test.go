package main

import (
	"bytes"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A table is what the command prints: the numbers of each way by the row's title.
type table map[string][]int

// parse reads a table; the last row of a title counts.
func parse(t *testing.T, out string) table {
	t.Helper()
	rows := table{}
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) < 4 {
			continue
		}
		title, numbers := strings.Join(fields[:len(fields)-3], " "), []int(nil)
		for _, f := range fields[len(fields)-3:] {
			if n, err := strconv.Atoi(f); err == nil {
				numbers = append(numbers, n)
			}
		}
		if strings.HasPrefix(title, "after ") {
			title = "after"
		}
		if len(numbers) == 3 {
			rows[title] = numbers
		}
	}
	for _, title := range []string{"after", "at the end", "counted beside the loop", "preempted at safepoints", "preempted by force", "lost the worker"} {
		if rows[title] == nil {
			t.Fatalf("no row %q in the output:\n%s", title, out)
		}
	}
	if !strings.Contains(strings.Join(strings.Fields(out), " "), "instrumented forced neither after") {
		t.Errorf("no titles above the numbers:\n%s", out)
	}
	return rows
}

// The columns.
const (
	instrumented = iota
	forced
	neither
)

// runUntil runs the command until the given ways have counted so far beside the loops.
func runUntil(t *testing.T, ways ...int) (string, table) {
	t.Helper()
	var first []int64
	var out bytes.Buffer
	err := run(&out, 5*time.Millisecond, func(counts []int64) bool {
		if first == nil {
			first = slices.Clone(counts)
		}
		return !slices.ContainsFunc(ways, func(w int) bool { return counts[w] < first[w]+20 })
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := parse(t, out.String())
	for _, w := range ways {
		if n := rows["counted beside the loop"][w]; n < 20 {
			t.Errorf("column %d counted %d beside its loop, want at least 20", w, n)
		}
	}
	for w, n := range rows["at the end"] {
		if shown := rows["after"][w]; n < shown+after {
			t.Errorf("column %d counted to %d while its loop spun, and to %d after: it has not gone on", w, shown, n)
		}
	}
	return out.String(), rows
}

// The thread that waits for a loop which can't be preempted stands still, and the others
// do not.
func TestPreempted(t *testing.T) {
	rt, err := gv.New(gv.Config{Engine: gv.Native})
	if err != nil {
		t.Skip(err)
	}
	caps := rt.Capabilities()
	if err := rt.Close(); err != nil {
		t.Fatal(err)
	}
	if !caps.Forced {
		t.Skip(caps.ForcedReason)
	}
	out, rows := runUntil(t, instrumented, forced)
	if n := rows["counted beside the loop"][neither]; n != 0 {
		t.Errorf("a loop without safepoints or force was preempted: its waiter counted %d", n)
	}
	if safepoints, force := rows["preempted at safepoints"], rows["preempted by force"]; safepoints[instrumented] == 0 ||
		force[instrumented] != 0 || force[forced] == 0 || safepoints[neither] != 0 || force[neither] != 0 {
		t.Errorf("preempted at safepoints %v, by force %v", safepoints, force)
	}
	if strings.Contains(out, "not here") {
		t.Errorf("something is missing:\n%s", out)
	}
}

// On the Portable engine nobody stands still, and the command says why nothing is
// forced.
func TestPortable(t *testing.T) {
	t.Setenv("GVTHREAD", "portable")
	out, rows := runUntil(t, instrumented, forced, neither)
	if n := rows["preempted by force"]; n[forced] != 0 {
		t.Errorf("preempted by force: %v", n)
	}
	if !strings.Contains(out, "forced: not here: the Portable engine") {
		t.Errorf("no reason why nothing is forced:\n%s", out)
	}
}

// The command that the documentation has builds the loop with a safepoint.
func TestInstrumenter(t *testing.T) {
	if testing.Short() {
		t.Skip("builds gvinstrument")
	}
	out, err := exec.CommandContext(t.Context(), "go", "run", "../../cmd/gvinstrument", "run", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rows := parse(t, string(out))
	if rows["counted beside the loop"][neither] == 0 || rows["preempted at safepoints"][neither] == 0 {
		t.Errorf("the loop without a safepoint has got none:\n%s", out)
	}
}

// The runtime says why it forces nobody.
func TestCannot(t *testing.T) {
	t.Setenv("GVTHREAD", "noforced")
	ways, err := startAll()
	if err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for _, w := range ways {
		reasons = append(reasons, w.cannot())
		if err := w.finish(); err != nil {
			t.Error(err)
		}
	}
	if reasons[instrumented] != "" || reasons[neither] != "" || reasons[forced] == "" {
		t.Errorf("reasons %q, want one for the second alone", reasons)
	}
}
