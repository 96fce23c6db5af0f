package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// The command starts its own executable, which is the test binary here.
func TestMain(m *testing.M) {
	played, err := playRole()
	if !played {
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// tiny are flags for a run that is over soon.
func tiny(more ...string) []string {
	return append([]string{"-rounds", "2", "-turn", "1ms"}, more...)
}

// measured are rows of each kind that take little time.
const measured = "yield_*,chan_*,select,mutex*,spawn,do,safepoint,accounting_*,slots_*,sleep_*,forced_stop,wake_*,blocking_go,scaling_*,slice_loss,request_wakeup,locked_mutex,instructions_mutex"

func TestRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.json")
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), []string{"-rounds", "1", "-turn", "4ms", "-only", measured, "-json", file}, &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// As a reader would, who knows only the names.
	var results map[string]map[string]any
	if err := json.Unmarshal(data, &results); err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	chosen, err := choose(rows(), strings.Split(measured, ","))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range chosen {
		if !strings.Contains(stderr.String(), " "+r.name+": ") {
			t.Errorf("no progress of %s", r.name)
		}
		if strings.Contains(stdout.String(), r.name+": not measured: ") {
			continue
		}
		if !strings.Contains(stdout.String(), " "+r.name+"  ") && !strings.HasPrefix(stdout.String(), r.name+"  ") {
			t.Errorf("no %s in the table:\n%s", r.name, &stdout)
		}
		checkObject(t, r, results[r.name])
	}
	if len(results) > len(chosen) {
		t.Errorf("%d objects of %d rows:\n%s", len(results), len(chosen), data)
	}
}

// checkObject looks at what is written of a row.
func checkObject(t *testing.T, r row, o map[string]any) {
	t.Helper()
	number := func(key string) float64 {
		v, ok := o[key].(float64)
		if !ok {
			t.Errorf("%s.%s is %v", r.name, key, o[key])
		}
		return v
	}
	suffixes := []string{""}
	for _, label := range r.more {
		suffixes = append(suffixes, "_"+label)
	}
	for _, s := range suffixes {
		threads, goroutines := number("gv"+s), number("go"+s)
		// Where the system counts processor time by its tick, there may have been none.
		if s != "_cpu" && (threads <= 0 || goroutines <= 0) {
			t.Errorf("%s: gv%s is %v, go%[2]s %[4]v", r.name, s, threads, goroutines)
		}
		if got, want := number("ratio"+s), quotient(threads, goroutines); got != want {
			t.Errorf("%s.ratio%s is %v, want %v", r.name, s, got, want)
		}
	}
	number("gv_spread")
	number("go_spread")
	if o["unit"] != r.unit {
		t.Errorf("%s.unit is %v, want %s", r.name, o["unit"], r.unit)
	}
}

func TestRunPortable(t *testing.T) {
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), tiny("-only", "yield_2,do,locked_yield,slots_spawn", "-engine", "portable"), &stdout, &stderr)
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	for _, want := range []string{
		"locked_yield: not measured: with the Portable engine",
		"slots_spawn: not measured: gv: stack slots not available",
	} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %q in\n%s", want, &stdout)
		}
	}
	if strings.Contains(stdout.String(), " locked_yield  ") {
		t.Errorf("a row that is absent is in the table:\n%s", &stdout)
	}
}

func TestBenchfmt(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), tiny("-only", "mutex,sleep_idle", "-benchfmt"), &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	const number = `[0-9.e+]+`
	for _, line := range []string{
		`BenchmarkMutex/side=gv 1 ` + number + ` ns/op ` + number + ` cpu-ns/op`,
		`BenchmarkMutex/side=go 1 ` + number + ` ns/op ` + number + ` cpu-ns/op`,
		`BenchmarkSleep_idle/side=gv 1 ` + number + ` ns ` + number + ` p99-ns ` + number + ` max-ns`,
		`BenchmarkSleep_idle/side=go 1 ` + number + ` ns ` + number + ` p99-ns ` + number + ` max-ns`,
	} {
		if n := len(regexp.MustCompile(`(?m)^`+line+`$`).FindAllString(stdout.String(), -1)); n != 2 {
			t.Errorf("%d lines like %q, want 2, one of each round:\n%s", n, line, &stdout)
		}
	}
	if strings.Contains(stdout.String(), "gv/go") {
		t.Errorf("a table, too:\n%s", &stdout)
	}
}

// A turn in a process of its own comes back with what it has found.
func TestMeasureApart(t *testing.T) {
	v, err := measureApart(turn{t.Context(), gv.Auto, time.Millisecond}, "mutex", sideThreads)
	if err != nil || len(v) != 2 || v[0] <= 0 {
		t.Errorf("found %v, error %v", v, err)
	}
	if _, err = measureApart(turn{t.Context(), gv.Auto, time.Millisecond}, "flight", sideThreads); err == nil ||
		!strings.Contains(err.Error(), "there is no row flight") {
		t.Errorf("error %v for a row that there is not", err)
	}
}

func TestRunCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	cancel(enough)
	var stdout, stderr bytes.Buffer
	if err := run(ctx, tiny("-only", "mutex"), &stdout, &stderr); !errors.Is(err, enough) || stdout.Len() > 0 {
		t.Errorf("error %v after a cancellation, and the table\n%s", err, &stdout)
	}
}

func TestRunFails(t *testing.T) {
	for _, tt := range []struct {
		name  string
		flags []string
		want  string
	}{
		{"argument", []string{"now"}, `unexpected argument "now"`},
		{"flag", []string{"-fast"}, "flag provided but not defined: -fast"},
		{"row", []string{"-only", "mutex,flight"}, "-only flight: no row has such a name"},
		{"pattern", []string{"-only", "[a"}, "-only [a: syntax error in pattern"},
		{"engine", []string{"-engine", "steam"}, `-engine "steam": use one of auto, native, portable`},
		{"rounds", []string{"-rounds", "0"}, "-rounds 0: at least 1"},
		{"turn", []string{"-turn", "0s"}, "-turn 0s: it must be above 0"},
		{"file", tiny("-only", "safepoint", "-json", t.TempDir()), "is a directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			err := run(t.Context(), tt.flags, &stdout, &stderr)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestQuick(t *testing.T) {
	o, err := parseOptions([]string{"-quick"}, os.Stderr)
	if err != nil || o.Rounds != quickRounds || o.Turn != quickTurn {
		t.Errorf("-quick gives %+v, error %v", o, err)
	}
}
