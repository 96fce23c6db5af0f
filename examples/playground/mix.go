package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	gv "github.com/gvthread/gvthread/runtime"
)

// A spec is what the command line says of a crew.
type spec struct {
	threads  int
	priority gv.Priority
	work     string
}

func (s spec) String() string { return fmt.Sprintf("%d %v %s", s.threads, s.priority, s.work) }

// A mix is a flag.Value: several crews.
type mix []spec

func (m *mix) String() string {
	var crews []string
	for _, s := range *m {
		crews = append(crews, s.String())
	}
	return strings.ToLower(strings.Join(crews, ", "))
}

// Set replaces the mix.
func (m *mix) Set(text string) error {
	var crews mix
	for part := range strings.SplitSeq(text, ",") {
		s, err := parse(part)
		if err != nil {
			return err
		}
		crews = append(crews, s)
	}
	*m = crews
	return nil
}

// parse reads a crew.
func parse(text string) (s spec, err error) {
	fields := strings.Fields(text)
	if len(fields) != 3 {
		return s, fmt.Errorf("crew %q has %d words; it is a number, a priority and a work, as in %q", text, len(fields), "4 low spin")
	}
	s.work = fields[2]
	if s.threads, err = strconv.Atoi(fields[0]); err != nil || s.threads < 1 {
		return s, fmt.Errorf("crew %q has %q threads; use a number from 1", text, fields[0])
	}
	priorities := []gv.Priority{gv.Critical, gv.High, gv.Normal, gv.Low}
	i := slices.IndexFunc(priorities, func(p gv.Priority) bool { return strings.EqualFold(p.String(), fields[1]) })
	if i < 0 {
		return s, fmt.Errorf("crew %q has the priority %q; use critical, high, normal or low", text, fields[1])
	}
	s.priority = priorities[i]
	if !slices.ContainsFunc(kinds, func(k kind) bool { return k.name == s.work }) {
		return s, fmt.Errorf("crew %q has the work %q; use one of %s", text, s.work, works())
	}
	return s, nil
}
