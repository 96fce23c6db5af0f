package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The command starts its own executable for its other processes, which is the
// test binary here.
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

// sources returns a directory with a few Go files.
func sources(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for i := range 20 {
		text := fmt.Sprintf("package p\n\n%s\nfunc f%d() {}\n", strings.Repeat("// text\n", 50*i), i)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d.go", i)), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// short are flags for a run that is over soon.
func short(source string, more ...string) []string {
	return append([]string{
		"-duration", "300ms", "-turns", "2", "-warmup", "100ms", "-rate", "100", "-conns", "4", "-threads", "3",
		"-workers", "2", "-source", source,
	}, more...)
}

func TestCompare(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.json")
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), short(sources(t), "-json", file), &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	for _, want := range []string{"goroutines", "limited", "gvthreads", "requests/s", "latency p50", "p99.9", "max",
		"sent → handler, p50 and p99", "background MB/s", "stop of the world, mean", "gvthreads ran on the ",
		"Against goroutines: p50 ", "Against limited: p50 ", "ran in 2 turns each"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %q in the table:\n%s", want, &stdout)
		}
	}
	o := options{Mode: modeAll}
	modes := o.modes()
	// Each round is in the opposite order of the last.
	order := append(slices.Clone(modes), modes...)
	slices.Reverse(order[len(modes):])
	var began []string
	for line := range strings.Lines(stderr.String()) {
		if strings.Contains(line, "starting the server") {
			began = append(began, strings.Fields(line)[0])
		}
	}
	if !slices.Equal(began, order) {
		t.Errorf("turns of %v, want %v", began, order)
	}

	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// As a reader would, who knows only the names.
	var r map[string]map[string]any
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	number := func(group, key string) float64 {
		v, ok := r[group][key].(float64)
		if !ok || v <= 0 {
			t.Errorf("%s.%s is %v", group, key, r[group][key])
		}
		return v
	}
	known := []string{"p50_us", "p90_us", "p99_us", "p99_9_us", "max_us"}
	if systemMissing == "" {
		known = append(known, "rss_mb", "minor_faults", "voluntary_switches")
	}
	for _, mode := range modes {
		for _, key := range known {
			number(mode, key)
		}
		// Beside other tests no answer may come in time for the rate.
		for _, key := range []string{"requests_per_s", "gc_count", "spread", "sent_to_handler", "handler_to_thread", "thread_to_done", "done_to_answered"} {
			if r[mode][key] == nil {
				t.Errorf("no %s.%s in\n%s", mode, key, data)
			}
		}
		switch v := r[mode]["background_mb_s"]; mode {
		case modeIdle:
			if v != 0.0 {
				t.Errorf("%s.background_mb_s is %v", mode, v)
			}
		case modeNiced:
			// Beside other tests it may not get a core in all that time.
			if v == nil {
				t.Errorf("no %s.background_mb_s in\n%s", mode, data)
			}
		default:
			number(mode, "background_mb_s")
		}
		if n := number(mode, "requests"); n != 30 {
			t.Errorf("%s answered %v requests, want 30", mode, n)
		}
	}
	for key, want := range map[string]float64{
		"p50":        number("goroutines", "p50_us") / number("gvthreads", "p50_us"),
		"p99":        number("goroutines", "p99_us") / number("gvthreads", "p99_us"),
		"background": number("gvthreads", "background_mb_s") / number("goroutines", "background_mb_s"),
	} {
		if got := number("ratio", key); got != want {
			t.Errorf("ratio.%s is %v, want %v", key, got, want)
		}
	}
}

func TestOneMode(t *testing.T) {
	for _, tt := range []struct {
		flags []string
		want  string
	}{
		{[]string{"-mode", "limited", "-turns", "1"}, "limited"},
		{[]string{"-mode", "gvthreads", "-engine", "portable"}, "gvthreads ran on the Portable engine (Config.Engine is Portable)"},
		{[]string{"-mode", "gvthreads", "-work", "spin"}, "gvthreads ran on the "},
	} {
		t.Run(strings.Join(tt.flags, " "), func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if err := run(t.Context(), short(sources(t), tt.flags...), &stdout, &stderr); err != nil {
				t.Fatalf("%v\n%s", err, &stderr)
			}
			if !strings.Contains(stdout.String(), tt.want) {
				t.Errorf("no %q in the table:\n%s", tt.want, &stdout)
			}
			if strings.Contains(stdout.String(), "Against") {
				t.Errorf("one mode is compared:\n%s", &stdout)
			}
		})
	}
}

// Another build of the program serves beside this one.
func TestBeside(t *testing.T) {
	other, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), short(sources(t), "-beside", other), &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	table := stdout.String()
	for _, want := range []string{"beside gvthreads requests/s", "of all, at safepoints ", "woken more than 1ms late "} {
		if !strings.Contains(words(&stdout), want) {
			t.Errorf("no %q in the table:\n%s", want, table)
		}
	}
	if strings.Contains(table, "goroutines") {
		t.Errorf("more than two builds:\n%s", table)
	}
	for line := range strings.Lines(table) {
		if strings.Contains(line, "woken more") && strings.Contains(line, "   -") {
			t.Errorf("no wake-ups were counted: %s", line)
		}
	}
}

func TestMatrix(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.json")
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"-matrix", "-mode", "limited", "-turns", "1", "-duration", "20ms", "-warmup", "10ms",
		"-conns", "4", "-workers", "2", "-source", sources(t), "-json", file}, &stdout, &stderr)
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	if want := "9 of 9: GOGC=100, 200 requests/s, 1000 threads, -other 0\n"; !strings.Contains(stderr.String(), want) {
		t.Errorf("no %q in the progress:\n%s", want, &stderr)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Cells []map[string]map[string]any
	}
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	got := map[string]bool{}
	for _, c := range m.Cells {
		s := c["settings"]
		got[fmt.Sprint(s["gogc"], " ", s["rate"], " ", s["other"], " ", s["threads"])] = c["limited"]["p50_us"] != nil
	}
	for _, want := range []string{"100 200 0 64", "100 200 2 64", "100 1000 0 64", "100 1000 2 64", "800 200 0 64",
		"800 200 2 64", "800 1000 0 64", "800 1000 2 64", "100 200 0 1000"} {
		if !got[want] {
			t.Errorf("nothing measured with %s: %v", want, got)
		}
	}
	if n := strings.Count(stdout.String(), "limited"); n != 9 {
		t.Errorf("%d lines, want one for each cell:\n%s", n, &stdout)
	}
}

func TestRunFails(t *testing.T) {
	notGo := t.TempDir()
	if err := os.WriteFile(filepath.Join(notGo, "a.go"), []byte("no package"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		flags []string
		want  string
	}{
		{"argument", []string{"now"}, `unexpected argument "now"`},
		{"flag", []string{"-fast"}, "flag provided but not defined: -fast"},
		{"mode", []string{"-mode", "best"}, `-mode "best": use one of goroutines, limited, niced, idle, gvthreads, all`},
		{"work", []string{"-work", "none"}, `-work "none": use one of real, spin`},
		{"engine", []string{"-engine", "steam"}, `-engine "steam": use one of auto, portable`},
		{"two builds and a mode", []string{"-beside", "x", "-mode", "limited"}, "-beside compares two builds"},
		{"conns", []string{"-conns", "0"}, "-conns 0: at least 1"},
		{"threads", []string{"-threads", "-1"}, "-threads -1: at least 1"},
		{"workers", []string{"-workers", "0"}, "-workers 0: at least 1"},
		{"duration", []string{"-duration", "0s"}, "-duration 0s: it must be above 0"},
		{"warm-up", []string{"-warmup", "-1s"}, "-warmup -1s: it must not be negative"},
		{"rate", []string{"-rate", "-3"}, "-rate -3: it must be above 0"},
		{"low rate", []string{"-rate", "1"}, "-rate 1: no request would be due in a turn of 150ms"},
		{"turns", []string{"-turns", "0"}, "-turns 0: at least 1"},
		{"other", []string{"-other", "-1"}, "-other -1: it must not be negative"},
		{"matrix and its settings", []string{"-matrix"}, " itself: leave it out"},
		{"no files", []string{"-source", t.TempDir()}, "no Go source files"},
		{"files that are not Go", []string{"-source", notGo}, "the background work: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			err := run(t.Context(), append(short(t.TempDir()), tt.flags...), &stdout, &stderr)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if stdout.Len() > 0 {
				t.Errorf("a table after an error:\n%s", &stdout)
			}
		})
	}
}
