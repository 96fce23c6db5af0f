package steps_test

import (
	"context"
	"errors"
	"os"
	goruntime "runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gvthread/gvthread/internal/steps"
)

// childVariable says what a child is to do.
const childVariable = "GVTHREAD_STEPS_CHILD"

// rounds is how often a counted loop goes round.
const rounds = 1000

var (
	counter atomic.Uint64
	plain   uint64
)

//go:noinline
func addLocked() { counter.Add(1) }

//go:noinline
func addPlain() { plain++ }

// counted are what children do between the marks.
var counted = map[string]func(){
	"locked": func() {
		for range rounds {
			addLocked()
		}
	},
	"exchange": func() {
		for range rounds {
			counter.Store(1)
		}
	},
	"plain": func() {
		for range rounds {
			addPlain()
		}
	},
	"panic": func() { panic("on purpose") },
	"wait": func() {
		// Only another OS thread can run the goroutine.
		goruntime.LockOSThread()
		other := make(chan int)
		go func() { other <- 1 }()
		<-other
	},
	"spin": func() {
		goruntime.LockOSThread()
		go counter.Store(1) // on another OS thread
		for counter.Load() == 0 {
		}
	},
	"hang": func() {
		steps.End()
		time.Sleep(time.Hour)
	},
}

// TestMain does what the environment asks for, in a child.
func TestMain(m *testing.M) {
	fn, ok := counted[os.Getenv(childVariable)]
	if !ok {
		os.Exit(m.Run())
	}
	for range 3 {
		steps.Begin()
		fn()
		steps.End()
	}
}

// count counts a child, or skips the test where that can't be done.
func count(t *testing.T, name string) ([]steps.Profile, error) {
	t.Helper()
	profiles, err := steps.Count(t.Context(), nil, []string{childVariable + "=" + name})
	if errors.Is(err, steps.ErrUnavailable) {
		t.Skip(err)
	}
	return profiles, err
}

func TestCount(t *testing.T) {
	for _, tt := range []struct {
		name   string
		locked int
		at     string // the function that has the locked instructions
	}{
		{"locked", rounds, "steps_test.addLocked"},
		{"exchange", rounds, "steps_test.init.func"},
		{"plain", 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			profiles, err := count(t, tt.name)
			if err != nil {
				t.Fatal(err)
			}
			if len(profiles) != 3 {
				t.Fatalf("%d profiles of 3 pairs of marks", len(profiles))
			}
			for _, p := range profiles {
				if p.Locked != tt.locked {
					t.Errorf("%d locked instructions, want %d: %v", p.Locked, tt.locked, p.Sites)
				}
				// A round is a few instructions, and the marks are some dozen.
				if p.Instructions < 2*rounds || p.Instructions > 20*rounds {
					t.Errorf("%d instructions in %d rounds", p.Instructions, rounds)
				}
				if tt.at != "" && (len(p.Sites) != 1 || !strings.Contains(p.Sites[0].Function, tt.at) ||
					!strings.HasPrefix(p.Sites[0].String(), p.Sites[0].Function+" (steps_linux_amd64_test.go:")) {
					t.Errorf("the locked instructions are in %v, want %s", p.Sites, tt.at)
				}
			}
		})
	}
}

func TestCountOfAChildThatFails(t *testing.T) {
	_, err := count(t, "panic")
	if err == nil || !strings.Contains(err.Error(), "exited with 2: panic: on purpose") {
		t.Errorf("error %v of a child that panics", err)
	}
}

// What waits for an OS thread that is stopped can't be counted.
func TestCountOfAChildThatWaits(t *testing.T) {
	steps.SetPatience(t, 1, 100*time.Millisecond)
	for _, child := range []string{"wait", "spin"} {
		_, err := count(t, child)
		if err == nil || !strings.Contains(err.Error(), "it waits for another") {
			t.Errorf("%s: error %v of a child that waits for a goroutine on another OS thread", child, err)
		}
	}
}

func TestCountCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	time.AfterFunc(200*time.Millisecond, func() { cancel(enough) })
	_, err := steps.Count(ctx, nil, []string{childVariable + "=hang"})
	if errors.Is(err, steps.ErrUnavailable) {
		t.Skip(err)
	}
	if !errors.Is(err, enough) {
		t.Errorf("error %v after a cancellation", err)
	}
}

func TestLeast(t *testing.T) {
	got := steps.Least([]steps.Profile{{Instructions: 9, Locked: 1}, {Instructions: 5, Locked: 2}, {Instructions: 8, Locked: 1}})
	if got.Instructions != 8 {
		t.Errorf("the least has %d instructions, want 8", got.Instructions)
	}
}
