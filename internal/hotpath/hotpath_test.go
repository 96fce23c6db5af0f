package hotpath_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gvthread/gvthread/internal/hotpath"
	"github.com/gvthread/gvthread/internal/steps"
	gv "github.com/gvthread/gvthread/runtime"
)

func TestMain(m *testing.M) {
	played, err := hotpath.Child()
	if !played {
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Each side of each path does what it is asked to, and calls measure once.
func TestPathsMeasureOnce(t *testing.T) {
	rt, err := gv.New(gv.Config{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	for _, p := range hotpath.Paths {
		var calls int
		measure := func(ops func()) {
			calls++
			ops()
		}
		if err := p.Thread(rt, 10, measure); err != nil || calls != 1 {
			t.Errorf("%s: threads called measure %d times, error %v", p.Name, calls, err)
		}
		calls = 0
		if p.Goroutine(10, measure); calls != 1 {
			t.Errorf("%s: goroutines called measure %d times", p.Name, calls)
		}
	}
}

// An operation takes instructions, some of which are locked: package sync's Mutex has
// two.
func TestCount(t *testing.T) {
	p, ok := hotpath.Named("mutex")
	if !ok {
		t.Fatal("there is no path mutex")
	}
	for _, side := range []string{hotpath.Threads, hotpath.Goroutines} {
		c, err := hotpath.Count(t.Context(), p, side)
		if errors.Is(err, steps.ErrUnavailable) || errors.Is(err, gv.ErrNativeUnavailable) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		if c.Locked < 2 || c.Instructions < 10 || len(c.Sites) < 2 {
			t.Errorf("side %s: %+v", side, c)
		}
	}
}

func TestChildRefuses(t *testing.T) {
	for _, tt := range []struct{ task, want string }{
		{"mutex gv", "a path, a side, and a number"},
		{"fly gv 1", `no path "fly"`},
		{"mutex java 1", `no side "java"`},
		{"mutex gv some", "number of operations"},
	} {
		t.Setenv("GVTHREAD_HOTPATH", tt.task)
		played, err := hotpath.Child()
		if !played || err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, %v, want an error with %q", tt.task, played, err, tt.want)
		}
	}
}
