package model

import (
	"fmt"
	"strings"
)

// A Model is a finite system of actors that take atomic steps. S holds
// everything: what the actors share, and where each of them is.
type Model[S comparable] struct {
	// Actors are the names of the actors, for traces.
	Actors []string
	// Start is the first state.
	Start S
	// Steps calls step for each step that is possible in s. A step that changes
	// nothing, such as a round of waiting, is no step.
	Steps func(s S, step func(actor int, what string, next S))
	// Wrong returns the property that s violates, "" for none.
	Wrong func(s S) string
	// Stuck returns the property that it violates that nothing more happens in
	// s, "" if that is a good end.
	Stuck func(s S) string
	// Goals must stay within reach.
	Goals []Goal[S]
}

// A Goal is something that must be reachable from every state that can be
// reached. In a finite system in which no step that is possible again and again
// is left out for ever, it then comes to pass again and again.
type Goal[S comparable] struct {
	// Property is what is violated by a state that the goal can't be reached
	// from.
	Property string
	Holds    func(s S) bool
}

// A Violation is an error: a property that doesn't hold, and a shortest way to
// where it doesn't.
type Violation struct {
	Property string
	Trace    []string
	State    string
}

// Error returns the property and the way.
func (v *Violation) Error() string {
	return fmt.Sprintf("%s, after %d steps:\n\t%s\nin the state\n\t%s",
		v.Property, len(v.Trace), strings.Join(v.Trace, "\n\t"), v.State)
}

// exploration is what is known of a model's states.
type exploration[S comparable] struct {
	m      *Model[S]
	index  map[S]int32
	states []S
	// parent is the state that each was first reached from.
	parent []int32
	// from and to are the ends of each step.
	from, to []int32
}

// Explore goes through all states that can be reached, the nearest first, and
// returns how many there are. The error is a *Violation, or says that there are
// more than limit.
func (m *Model[S]) Explore(limit int) (states int, err error) {
	x := &exploration[S]{m: m, index: make(map[S]int32)}
	x.visit(m.Start, -1)
	for at := int32(0); int(at) < len(x.states); at++ {
		if len(x.states) > limit {
			return len(x.states), fmt.Errorf("there are more than %d states", limit)
		}
		s := x.states[at]
		if property := m.Wrong(s); property != "" {
			return len(x.states), x.violation(property, at)
		}
		moves := false
		m.Steps(s, func(_ int, _ string, next S) {
			if next == s {
				return
			}
			moves = true
			to := x.visit(next, at)
			x.from, x.to = append(x.from, at), append(x.to, to)
		})
		if !moves && m.Stuck != nil {
			if property := m.Stuck(s); property != "" {
				return len(x.states), x.violation(property, at)
			}
		}
	}
	for _, goal := range m.Goals {
		if at := x.outOfReach(goal.Holds); at >= 0 {
			return len(x.states), x.violation(goal.Property, at)
		}
	}
	return len(x.states), nil
}

// visit returns the number of a state, a new one if it hasn't been seen.
func (x *exploration[S]) visit(s S, parent int32) int32 {
	if i, ok := x.index[s]; ok {
		return i
	}
	i := int32(len(x.states))
	x.index[s] = i
	x.states = append(x.states, s)
	x.parent = append(x.parent, parent)
	return i
}

// outOfReach returns the first state from which no state can be reached in which
// holds is true, -1 if there is none.
func (x *exploration[S]) outOfReach(holds func(S) bool) int32 {
	// The steps by their ends: those to state i are in[start[i]:start[i+1]].
	start := make([]int32, len(x.states)+1)
	for _, to := range x.to {
		start[to+1]++
	}
	for i := range x.states {
		start[i+1] += start[i]
	}
	in := make([]int32, len(x.to))
	next := append([]int32(nil), start...)
	for i, to := range x.to {
		in[next[to]] = x.from[i]
		next[to]++
	}
	reached := make([]bool, len(x.states))
	var todo []int32
	for i, s := range x.states {
		if holds(s) {
			reached[i] = true
			todo = append(todo, int32(i))
		}
	}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, from := range in[start[at]:start[at+1]] {
			if !reached[from] {
				reached[from] = true
				todo = append(todo, from)
			}
		}
	}
	for i, ok := range reached {
		if !ok {
			return int32(i)
		}
	}
	return -1
}

// violation describes the way to a state.
func (x *exploration[S]) violation(property string, at int32) *Violation {
	v := &Violation{Property: property, State: fmt.Sprintf("%+v", x.states[at])}
	var path []int32
	for ; at >= 0; at = x.parent[at] {
		path = append(path, at)
	}
	for i := len(path) - 1; i > 0; i-- {
		from, to := x.states[path[i]], x.states[path[i-1]]
		label := ""
		x.m.Steps(from, func(actor int, what string, next S) {
			if label == "" && next == to {
				label = x.m.Actors[actor] + ": " + what
			}
		})
		v.Trace = append(v.Trace, label)
	}
	return v
}
