package gv

import (
	"fmt"
	"strings"
)

// Priorities, states and engines are text by their names: in JSON, also as the keys of maps, and in
// flags, by flag.TextVar.

// MarshalText returns p's name. It fails if p is no Priority.
func (p Priority) MarshalText() ([]byte, error) { return nameOf("priority", p, numPriorities) }

// UnmarshalText makes p the priority of that name, in upper or lower case. If there is none
// it fails, and leaves p as it is.
func (p *Priority) UnmarshalText(text []byte) error {
	return setNamed("priority", p, numPriorities, text)
}

// MarshalText returns s's name. It fails if s is no State.
func (s State) MarshalText() ([]byte, error) { return nameOf("state", s, numStates) }

// UnmarshalText makes s the state of that name, in upper or lower case. If there is none it
// fails, and leaves s as it is.
func (s *State) UnmarshalText(text []byte) error { return setNamed("state", s, numStates, text) }

// MarshalText returns e's name. It fails if e is no Engine.
func (e Engine) MarshalText() ([]byte, error) { return nameOf("engine", e, numEngines) }

// UnmarshalText makes e the engine of that name, in upper or lower case. If there is none it
// fails, and leaves e as it is.
func (e *Engine) UnmarshalText(text []byte) error { return setNamed("engine", e, numEngines, text) }

// A name is a number below some other that stands for a name.
type name interface {
	~uint8
	fmt.Stringer
}

// nameOf returns the name of v, one of the numbers below n. what says what they are.
func nameOf[T name](what string, v, n T) ([]byte, error) {
	if v >= n {
		return nil, fmt.Errorf("gv: %v is no %s; use one of %s", v, what, names(n))
	}
	return []byte(v.String()), nil
}

// setNamed makes v the one of the numbers below n whose name is text. what says what they
// are.
func setNamed[T name](what string, v *T, n T, text []byte) error {
	for i := range n {
		if strings.EqualFold(i.String(), string(text)) {
			*v = i
			return nil
		}
	}
	return fmt.Errorf("gv: %q is no %s; use one of %s", text, what, names(n))
}

// names lists those of the numbers below n.
func names[T name](n T) string {
	var all []string
	for i := range n {
		all = append(all, i.String())
	}
	return strings.Join(all, ", ")
}
