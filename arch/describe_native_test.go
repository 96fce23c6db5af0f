//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"reflect"
	"runtime"
	"strings"
	"testing"

	lookalike "github.com/gvthread/gvthread/arch/internal/lookalike"
)

// The program describes every field of the table, at its place.
func TestFieldsAreDescribed(t *testing.T) {
	if err := checkFields(layoutFields); err != nil {
		t.Error(err)
	}
	if len(layoutFields) < 20 {
		t.Errorf("the table has %d fields", len(layoutFields))
	}
}

// A field that is elsewhere, has another width or is gone is refused, whichever it is.
func TestUndescribedFieldsAreRefused(t *testing.T) {
	for _, f := range layoutFields {
		for want, spoil := range map[string]func(f *layoutField){
			"the table has":                   func(f *layoutField) { f.offset += 4 },
			"has %d bytes":                    func(f *layoutField) { f.size *= 2 },
			"has no field":                    func(f *layoutField) { f.path += "x" },
			"has no field colour":             func(f *layoutField) { f.path = "colour" },
			f.path + ".deeper":                func(f *layoutField) { f.path += ".deeper" },
			"has no description of runtime.q": func(f *layoutField) { f.structure = "runtime.q" },
		} {
			spoilt := f
			spoil(&spoilt)
			err := checkFields([]layoutField{f, spoilt})
			if want, _, _ := strings.Cut(want, "%"); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s.%s: the error is %v, want %q", f.structure, f.path, err, want)
			}
		}
	}
}

// A type of another package that is called runtime is not taken for Go's.
func TestOtherRuntimesAreNotDescribed(t *testing.T) {
	other := reflect.TypeOf(lookalike.G())
	types := typesByString(other.String())
	if len(types) < 2 {
		t.Fatalf("the program has %d types %s, want Go's and another", len(types), other)
	}
	for range types {
		if own := runtimesOwn(types); own == nil || own == other.Elem() {
			t.Errorf("%v is taken for Go's", own)
		}
		types = append(types[1:], types[0])
	}
	if own := runtimesOwn(nil); own != nil {
		t.Errorf("%v is found among none", own)
	}
}

// A stop of the world is seen by one who is pinned: p.preempt is where the description says.
func TestStopIsWanted(t *testing.T) {
	defer watchdog(t)()
	if err := Native(); err != nil {
		t.Skip(err)
	}
	forPair(t)
	for Pin(); wanted(getg()) != 0; Pin() {
		Unpin()
		runtime.Gosched()
	}
	stopped := make(chan struct{})
	go func() {
		runtime.ReadMemStats(new(runtime.MemStats))
		close(stopped)
	}()
	seen := false
	for spins := 0; spins < 100_000 && !seen; spins++ { // some seconds: no watchdog runs meanwhile
		Pause(spins)
		seen = wanted(getg()) != 0
	}
	Unpin()
	<-stopped
	if !seen {
		t.Error("the world is to stop, and the pinned goroutine doesn't see it")
	}
}
