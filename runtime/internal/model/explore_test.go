package model

import (
	"errors"
	"strings"
	"testing"
)

// A toy: two actors count up to 2 under a lock, or without.
type toy struct {
	pc     [2]int
	locked int // actor+1
	read   [2]int
	n      int
}

func toyModel(locking bool) *Model[toy] {
	return &Model[toy]{
		Actors: []string{"left", "right"},
		Steps: func(s toy, step func(int, string, toy)) {
			for i := range s.pc {
				n := s
				n.pc[i]++
				switch s.pc[i] {
				case 0:
					if locking && s.locked != 0 {
						continue
					}
					n.locked = i + 1
					step(i, "locks", n)
				case 1:
					n.read[i] = s.n
					step(i, "reads", n)
				case 2:
					n.n = s.read[i] + 1
					n.locked = 0
					step(i, "writes", n)
				}
			}
		},
		Wrong: func(s toy) string { return "" },
		Stuck: func(s toy) string {
			if s.n != 2 {
				return "a count is lost"
			}
			return ""
		},
		Goals: []Goal[toy]{{"the left one counts", func(s toy) bool { return s.pc[0] == 3 }}},
	}
}

func TestExplore(t *testing.T) {
	n, err := toyModel(true).Explore(1000)
	if n != 13 || err != nil {
		t.Errorf("%d states, %v", n, err)
	}
	_, err = toyModel(false).Explore(1000)
	var v *Violation
	if !errors.As(err, &v) || v.Property != "a count is lost" || len(v.Trace) != 6 {
		t.Errorf("without a lock: %v", err)
	}
	if !strings.HasPrefix(v.Trace[0], "left: ") {
		t.Errorf("the trace begins with %q", v.Trace[0])
	}
	if _, err := toyModel(true).Explore(5); err == nil || errors.As(err, &v) {
		t.Errorf("with a limit: %v", err)
	}
	m := toyModel(true)
	m.Goals = append(m.Goals, Goal[toy]{"nobody has counted yet", func(s toy) bool { return s.n == 0 }})
	if _, err := m.Explore(1000); !errors.As(err, &v) || v.Property != "nobody has counted yet" || len(v.Trace) != 3 {
		t.Errorf("out of reach: %v", err)
	}
}

// explore checks that a model holds, and says how many states it has.
func explore[S comparable](t *testing.T, m *Model[S]) {
	t.Helper()
	n, err := m.Explore(2_000_000)
	if err != nil {
		t.Fatalf("%d states: %v", n, err)
	}
	t.Logf("%d states", n)
}

// mustFail checks that a model violates a property.
func mustFail[S comparable](t *testing.T, m *Model[S], property string) {
	t.Helper()
	n, err := m.Explore(2_000_000)
	var v *Violation
	if !errors.As(err, &v) {
		t.Fatalf("%d states: %v; it should be found that: %s", n, err, property)
	}
	if v.Property != property {
		t.Fatalf("found that %v\nit should be found that: %s", err, property)
	}
	t.Logf("%d states: %s, after %d steps", n, property, len(v.Trace))
}
