package model

import (
	"fmt"
	"slices"
	"strings"
)

// A model is a finite system of actors that take atomic steps. It is explored once.
type model[S comparable] struct {
	// state is what the actors share: as it is at the start, and then as the explorer sets it
	// for all that follows.
	state *S
	// busy are the actors that are on their way through their code. The explorer sets it, too.
	busy   set
	actors []actor
	// never must hold in no state, and stuck in none in which nothing more happens.
	never, stuck []property
	// goals must be reachable from every state that can be reached. In a finite system in which
	// no step that is possible again and again is left out for ever, they then come to pass
	// again and again. The text is what is wrong if they can't be reached.
	goals []property
}

// A property is what a state has, or what is violated by it.
type property struct {
	text  string
	holds func() bool
}

// A violation is an error: a property that doesn't hold, and a shortest way to where it
// doesn't.
type violation struct {
	property string
	trace    []string
	state    string
}

// Error returns the property and the way.
func (v *violation) Error() string {
	return fmt.Sprintf("%s, after %d steps:\n\t%s\nin the state\n\t%s",
		v.property, len(v.trace), strings.Join(v.trace, "\n\t"), v.state)
}

// broken is what a step panics with that finds a property violated.
type broken string

// require is for steps: unless ok, the property is violated.
func require(ok bool, property string) {
	if !ok {
		panic(broken(property))
	}
}

// A state is all that matters for what happens next.
type state[S comparable] struct {
	shared S
	at     [8]uint16 // the points at which the actors are
}

// exploration is what is known of a model's states.
type exploration[S comparable] struct {
	*model[S]
	actors []territory
	index  map[state[S]]int32
	states []state[S]
	// parent is the state that each was first reached from.
	parent []int32
	// from and to are the ends of each step.
	from, to []int32
	// who takes what step just now.
	who, what string
}

// explore goes through all states that can be reached, the nearest first, and returns how
// many there are. The error is a *violation, or says that there are more than limit.
func (m *model[S]) explore(limit int) (states int, err error) {
	x := &exploration[S]{model: m, index: make(map[state[S]]int32)}
	first := state[S]{shared: *m.state}
	for i, a := range m.actors {
		x.actors = append(x.actors, territory{a, make([]point, start), make(map[string]uint16)})
		first.at[i] = x.actors[i].enter(nil)
	}
	at := x.visit(first, -1)
	defer func() {
		switch r := recover().(type) {
		case nil:
		case broken:
			step := x.who + ": " + x.what
			v := x.violation(string(r), at)
			v.trace = append(v.trace, step)
			states, err = len(x.states), v
		default:
			panic(r)
		}
	}()
	for ; int(at) < len(x.states); at++ {
		if wrong := x.expand(at); wrong != "" {
			return len(x.states), x.violation(wrong, at)
		}
		if len(x.states) > limit {
			return len(x.states), fmt.Errorf("there are more than %d states", limit)
		}
	}
	for _, g := range m.goals {
		if at := x.outOfReach(g); at >= 0 {
			return len(x.states), x.violation(g.text, int32(at))
		}
	}
	return len(x.states), nil
}

// expand visits the states that follow the one with the number at, and returns what is wrong
// with this one.
func (x *exploration[S]) expand(at int32) string {
	s := x.states[at]
	if wrong := x.first(x.never, &s); wrong != "" {
		return wrong
	}
	steps := len(x.to)
	x.steps(s, func(next state[S]) { x.from, x.to = append(x.from, at), append(x.to, x.visit(next, at)) })
	if len(x.to) > steps {
		return ""
	}
	return x.first(x.stuck, &s)
}

// first returns the first of the properties that s has, "" for none.
func (x *exploration[S]) first(properties []property, s *state[S]) string {
	x.restore(s)
	for _, p := range properties {
		if p.holds() {
			return p.text
		}
	}
	return ""
}

// restore makes s the state in which the model is.
func (x *exploration[S]) restore(s *state[S]) {
	*x.state, x.busy = s.shared, 0
	for i := range x.actors {
		if s.at[i] != start {
			x.busy.add(uint8(i))
		}
	}
}

// steps calls found with what each step that can be taken in s leads to. One that changes
// nothing, such as a round of waiting, is none.
func (x *exploration[S]) steps(s state[S], found func(next state[S])) {
	for i := range x.actors {
		a, open := &x.actors[i], false
		if x.restore(&s); a.may != nil && !a.may() {
			continue
		}
		for k, w := range a.points[s.at[i]].ways {
			if open && w.otherwise {
				continue
			}
			*x.state = s.shared
			x.who, x.what = a.name, w.what
			if !w.try() {
				continue
			}
			open = true
			next := state[S]{*x.state, s.at}
			next.at[i] = a.after(s.at[i], k)
			if next != s {
				found(next)
			}
		}
	}
}

// visit returns the number of a state, a new one if it hasn't been seen.
func (x *exploration[S]) visit(s state[S], parent int32) int32 {
	i, ok := x.index[s]
	if !ok {
		i = int32(len(x.states))
		x.index[s] = i
		x.states = append(x.states, s)
		x.parent = append(x.parent, parent)
	}
	return i
}

// outOfReach returns the first state from which no state can be reached in which g holds, -1
// if there is none.
func (x *exploration[S]) outOfReach(g property) int {
	reaches := make([]bool, len(x.states))
	for i := range x.states {
		x.restore(&x.states[i])
		reaches[i] = g.holds()
	}
	for more := true; more; {
		more = false
		for i, from := range slices.Backward(x.from) { // most steps lead on
			if !reaches[from] && reaches[x.to[i]] {
				reaches[from], more = true, true
			}
		}
	}
	return slices.Index(reaches, false)
}

// violation describes the way to a state.
func (x *exploration[S]) violation(property string, at int32) *violation {
	v := &violation{property: property, state: fmt.Sprintf("%+v", x.states[at].shared)}
	for parent := x.parent[at]; parent >= 0; at, parent = parent, x.parent[parent] {
		label := ""
		x.steps(x.states[parent], func(next state[S]) {
			if next == x.states[at] && label == "" {
				label = x.who + ": " + x.what
			}
		})
		v.trace = append(v.trace, label)
	}
	slices.Reverse(v.trace)
	return v
}
