package gv_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// JSON has what there is by priority by their names, and gives it back.
func TestByPriorityInJSON(t *testing.T) {
	const text = `{"Critical":1,"High":2,"Low":4,"Normal":3}`
	ready := gv.ByPriority[int]{gv.Critical: 1, gv.High: 2, gv.Normal: 3, gv.Low: 4}
	if got, err := json.Marshal(ready); err != nil || string(got) != text {
		t.Errorf("got %s, %v; want %s", got, err, text)
	}
	var back gv.ByPriority[int]
	if err := json.Unmarshal([]byte(text), &back); err != nil || back != ready {
		t.Errorf("%s was read as %v, %v", text, back, err)
	}
	if err := json.Unmarshal([]byte(`{"high":7}`), &back); err != nil || back != (gv.ByPriority[int]{gv.High: 7}) {
		t.Errorf("a part was read as %v, %v", back, err)
	}
	if err := json.Unmarshal([]byte("null"), &back); err != nil || back != (gv.ByPriority[int]{gv.High: 7}) {
		t.Errorf("null was read as %v, %v", back, err)
	}
	for _, test := range []struct{ text, want string }{
		{`{"High":1,"urgent":2}`, `gv: "urgent" is no priority; use one of Critical, High, Normal, Low`},
		{`[1,2,3,4]`, "cannot unmarshal array"},
		{`{"High":"many"}`, "cannot unmarshal string"},
	} {
		if err := json.Unmarshal([]byte(test.text), &back); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %s", test.text, err, test.want)
		}
	}
	if back != (gv.ByPriority[int]{gv.High: 7}) {
		t.Errorf("what was refused has changed it to %v", back)
	}
	if _, err := json.Marshal(gv.ByPriority[chan int]{}); err == nil {
		t.Error("channels are JSON")
	}
}

// Stats come back from JSON as they were, but for the histograms, which it can't have.
func TestStatsInJSON(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1, Accounting: true}, func(t *testing.T, rt *gv.Runtime) {
		for p := gv.Critical; p <= gv.Low; p++ {
			if err := rt.Do(func(context.Context) error { gv.Yield(); return nil }, gv.WithPriority(p)); err != nil {
				t.Error(err)
			}
		}
		s := rt.Stats()
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back gv.Stats
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		back.WaitTime = s.WaitTime
		if back != s || s.RunTime[gv.Low] == 0 || s.Waited[gv.Low] < 0 {
			t.Errorf("%+v was read as %+v from %s", s, back, text)
		}
	})
}
