package main

import (
	"errors"
	"flag"
	"io"
	"slices"
	"strings"
	"testing"
)

// A question mark lists what there is, and is no error.
func TestNamesAreListed(t *testing.T) {
	for _, test := range []struct {
		args []string
		want []string
	}{
		{[]string{"-do", "?"}, actionNames()},
		{[]string{"-beside", "?"}, upsetNames()},
		{[]string{"-do=?", "-beside=?"}, append(actionNames(), upsetNames()...)},
	} {
		var out strings.Builder
		if _, err := parseOptions(test.args, &out); !errors.Is(err, errListed) {
			t.Errorf("%v: %v, want %v", test.args, err, errListed)
		}
		if got := strings.Fields(out.String()); !slices.Equal(got, test.want) {
			t.Errorf("%v lists %v, want %v", test.args, got, test.want)
		}
	}
}

func TestFlags(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-do", "nosuch"}, `-do: no "nosuch"; there are ` + actionNames()[0]},
		{[]string{"-beside", "-nosuch"}, `-beside: no "nosuch"; there are ` + upsetNames()[0]},
		{[]string{"-engine", "steam"}, `-engine is "steam"`},
		{[]string{"-stacks", "bricks"}, `-stacks is "bricks"`},
		{[]string{"-h"}, flag.ErrHelp.Error()},
	} {
		if _, err := parseOptions(test.args, io.Discard); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%v: %v, want %s", test.args, err, test.want)
		}
	}
	o, err := parseOptions([]string{"-do", "-" + actionNames()[0], "-seed", "3"}, io.Discard)
	if err != nil || o.seed != 3 || o.actions.allows(actionNames()[0]) || !o.actions.allows(actionNames()[1]) {
		t.Errorf("all but one action: %+v, %v", o, err)
	}
}
