package gv_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// JSON has priorities and states by their names, as values and as keys.
func TestNamesInJSON(t *testing.T) {
	type both struct {
		Priority gv.Priority
		State    gv.State
		Ready    map[gv.Priority]int
	}
	for s := gv.StateNew; s <= gv.StateDone; s++ {
		for p := gv.Critical; p <= gv.Low; p++ {
			text, err := json.Marshal(both{p, s, map[gv.Priority]int{p: 3}})
			want := fmt.Sprintf(`{"Priority":"%v","State":"%v","Ready":{"%v":3}}`, p, s, p)
			if err != nil || string(text) != want {
				t.Errorf("got %s, %v; want %s", text, err, want)
			}
			var back both
			if err := json.Unmarshal(text, &back); err != nil || back.Priority != p || back.State != s || back.Ready[p] != 3 {
				t.Errorf("%s was read as %+v, %v", text, back, err)
			}
		}
	}
}

// Capabilities can be read in JSON, and back.
func TestCapabilitiesInJSON(t *testing.T) {
	for _, e := range []gv.Engine{gv.Auto, gv.Native, gv.Portable} {
		text, err := json.Marshal(gv.Capabilities{Engine: e, Stacks: "goroutine"})
		if want := fmt.Sprintf(`{"Engine":"%v",`, e); err != nil || !strings.HasPrefix(string(text), want) {
			t.Errorf("got %s, %v; want %s…", text, err, want)
		}
		var back gv.Capabilities
		if err := json.Unmarshal(text, &back); err != nil || back.Engine != e {
			t.Errorf("%s was read as %+v, %v", text, back, err)
		}
	}
}

// Names that are none are refused, with those that there are.
func TestNamesThatAreNone(t *testing.T) {
	const priorities = "Critical, High, Normal, Low"
	const states = "New, Ready, Running, Blocked, Preempted, Done"
	const engines = "Auto, Native, Portable"
	p, s, e := gv.High, gv.StateReady, gv.Native
	for _, test := range []struct {
		do   func() error
		want string
	}{
		{func() error { return p.UnmarshalText([]byte("urgent")) }, `gv: "urgent" is no priority; use one of ` + priorities},
		{func() error { return s.UnmarshalText([]byte("")) }, `gv: "" is no state; use one of ` + states},
		{func() error { return e.UnmarshalText([]byte("green")) }, `gv: "green" is no engine; use one of ` + engines},
		{func() error { _, err := gv.Priority(4).MarshalText(); return err }, "gv: Priority(4) is no priority; use one of " + priorities},
		{func() error { _, err := gv.State(6).MarshalText(); return err }, "gv: State(6) is no state; use one of " + states},
		{func() error { _, err := gv.Engine(3).MarshalText(); return err }, "gv: Engine(3) is no engine; use one of " + engines},
	} {
		if err := test.do(); err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
	if p != gv.High || s != gv.StateReady || e != gv.Native {
		t.Errorf("what was refused has changed %v, %v, %v", p, s, e)
	}
}

// A priority can be a flag.
func TestPriorityAsFlag(t *testing.T) {
	var p gv.Priority
	f := flag.NewFlagSet("", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.TextVar(&p, "priority", gv.Normal, "")
	if p != gv.Normal {
		t.Errorf("without the flag: %v", p)
	}
	if err := f.Parse([]string{"-priority", "low"}); err != nil || p != gv.Low {
		t.Errorf("-priority low: %v, %v", p, err)
	}
	if err := f.Parse([]string{"-priority", "lowest"}); err == nil || !strings.Contains(err.Error(), "is no priority") {
		t.Errorf("-priority lowest: %v", err)
	}
}
