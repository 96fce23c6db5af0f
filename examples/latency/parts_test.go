package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gvthread/gvthread/examples/latency/internal/corpus"
)

func TestDescriber(t *testing.T) {
	dir := t.TempDir()
	const text = "package a\n\nfunc f() {}\nfunc g() {}\n"
	if err := os.WriteFile(filepath.Join(dir, "a b.go"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	files, err := corpus.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	h := describer(files)

	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/files/a%20b.go", nil))
	var got description
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		t.Fatalf("%v in %s", err, rec.Body)
	}
	want := description{
		Name: "a b.go", Bytes: 35, Lines: 4, Functions: 2,
		SHA256: "2daba582aab91967b4b6b3236235c1a5fdeef7452a8eab6a44aa777175922662",
	}
	if got != want {
		t.Errorf("answer %+v, want %+v", got, want)
	}

	rec = httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/files/b.go", nil))
	if rec.Code != http.StatusNotFound {
		t.Errorf("status %d for a file that isn't there, want %d", rec.Code, http.StatusNotFound)
	}
}

func TestReport(t *testing.T) {
	mode := func(latency time.Duration, background float64) *result {
		return &result{
			load:       loadResult{Rate: 10, Answered: 100, P50: latency, P90: 2 * latency, P99: 3 * latency, P999: 4 * latency, Max: 5 * latency},
			background: background,
		}
	}
	threads := mode(100*time.Microsecond, 9e6)
	threads.engine, threads.cooperative, threads.forced = "Native engine", 12, 34
	for _, tt := range []struct {
		name    string
		results map[string]*result
		want    []string
		not     []string
	}{
		{"all", map[string]*result{
			modeGoroutines: mode(300*time.Millisecond, 10e6),
			modeLimited:    mode(50*time.Microsecond, 5e6),
			modeThreads:    threads,
		}, []string{
			"latency p50 300 ms 0.050 ms 0.100 ms",
			"p99 900 ms 0.150 ms 0.300 ms",
			"preempted by force/s - - 34",
			"gvthreads ran on the Native engine.",
			"Against goroutines: p50 3000 times lower, p99 3000 times lower, background throughput 90% of theirs.",
			"Against limited: p50 2 times higher, p99 2 times higher, background throughput 180% of theirs.",
		}, nil},
		{"one", map[string]*result{modeLimited: mode(time.Millisecond, 5e6)},
			[]string{"limited", "1.00 ms"}, []string{"goroutines", "Against", "ran on"}},
		{"nothing in the background", map[string]*result{
			modeGoroutines: mode(time.Millisecond, 0), modeThreads: threads,
		}, []string{"background throughput 0% of theirs"}, []string{"Inf", "NaN", "late by"}},
		{"disturbed", map[string]*result{modeLimited: {load: loadResult{Answered: 1, LateP99: 12 * time.Millisecond}}},
			[]string{"In the run of limited the load generator itself was late by 12.0 ms at p99"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newReport(options{Duration: time.Second}, tt.results)
			var table strings.Builder
			r.print(&table)
			words := strings.Join(strings.Fields(table.String()), " ")
			for _, want := range tt.want {
				if !strings.Contains(words, want) {
					t.Errorf("no %q in\n%s", want, &table)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(table.String(), not) {
					t.Errorf("%q in\n%s", not, &table)
				}
			}
			if err := r.save(filepath.Join(t.TempDir(), "r.json")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestUnknownRole(t *testing.T) {
	t.Setenv(roleVariable, "cook")
	if played, err := playRole(); !played || err == nil || !strings.Contains(err.Error(), `"cook"`) {
		t.Errorf("played: %v, error %v", played, err)
	}
}

// A child that fails says why, to the one who started it.
func TestChildFails(t *testing.T) {
	c, err := startChild(t.Context(), roleServer, "", serverTask{Mode: modeGoroutines, Source: "/there/is/no/such/directory", Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	var ready serverReady
	if err := c.read(&ready); err == nil || !strings.Contains(err.Error(), "the server process: exit status 1") {
		t.Errorf("error %v", err)
	}
}

func TestMilliseconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                        "0.000 ms",
		1500 * time.Nanosecond:   "0.002 ms",
		250 * time.Microsecond:   "0.250 ms",
		1234 * time.Microsecond:  "1.23 ms",
		45678 * time.Microsecond: "45.7 ms",
		2 * time.Second:          "2000 ms",
	} {
		if got := milliseconds(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
