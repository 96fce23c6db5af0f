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
