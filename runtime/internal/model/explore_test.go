package model

import (
	"errors"
	"strings"
	"testing"
)

// A toy: two actors count up to 2, each in three steps.
type toy struct {
	lock lock
	n    uint8
	done [2]bool
}

// toyModel is the toy with a lock, with a compare-and-swap in place of the last step, or, if
// how is neither, without any of these.
func toyModel(how string) *model[toy] {
	s := new(toy)
	count := func(me int) func(p *proc) {
		return func(p *proc) {
			p.when("begins", func() bool { return !s.done[me] && (how != "lock" || s.lock.take()) })
			p.part(func() uint8 {
				n := p.any("reads", 3, func(n uint8) bool { return s.n == n })
				if !p.test("writes", func() bool {
					same := s.n == n
					s.n, s.done[me] = n+1, true
					s.lock.release()
					return same || how != "swap"
				}) {
					return again
				}
				return 0
			})
		}
	}
	return &model[toy]{
		state:  s,
		actors: []actor{{name: "left", code: count(0)}, {name: "right", code: count(1)}},
		stuck:  []property{{"a count is lost", func() bool { return s.n != 2 }}},
		goals:  []property{{"the left one counts", func() bool { return s.done[0] }}},
	}
}

func TestExplore(t *testing.T) {
	if n, err := toyModel("lock").explore(1000); n != 12 || err != nil {
		t.Errorf("with a lock: %d states, %v", n, err)
	}
	if n, err := toyModel("swap").explore(1000); n != 18 || err != nil {
		t.Errorf("with a compare-and-swap: %d states, %v", n, err)
	}
	var v *violation
	_, err := toyModel("").explore(1000)
	if !errors.As(err, &v) || v.property != "a count is lost" || len(v.trace) != 6 {
		t.Fatalf("without a lock: %v", err)
	}
	if v.trace[0] != "left: begins" || !strings.HasSuffix(v.trace[5], ": writes: yes") {
		t.Errorf("the trace is %q", v.trace)
	}
	if _, err := toyModel("lock").explore(5); err == nil || errors.As(err, &v) {
		t.Errorf("with a limit: %v", err)
	}
	m := toyModel("lock")
	m.goals = append(m.goals, property{"nobody has counted yet", func() bool { return m.state.n == 0 }})
	if _, err := m.explore(1000); !errors.As(err, &v) || v.property != "nobody has counted yet" || len(v.trace) != 3 {
		t.Errorf("out of reach: %v", err)
	}
	m = toyModel("lock")
	m.actors[1].code = func(p *proc) { p.do("looks", func() { require(m.state.n == 0, "one is too many") }) }
	if _, err := m.explore(1000); !errors.As(err, &v) || v.property != "one is too many" || len(v.trace) != 4 {
		t.Errorf("a requirement: %v", err)
	}
}
