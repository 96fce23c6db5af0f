package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

func TestMain(m *testing.M) {
	played, err := playChild()
	if !played {
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func TestStress(t *testing.T) {
	var out, progress bytes.Buffer
	file := filepath.Join(t.TempDir(), "stress.json")
	if err := run(t.Context(), []string{"-json", file, "12000"}, &out, &progress); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`^12000 threads, (Native|Portable) engine\n`,
		`(?m)^parked at a channel +thread +goroutine +ratio$`,
		`(?m)^asleep until they wake up +thread +goroutine +ratio$`,
		`(?m)^asleep until they are cancelled +thread +goroutine +ratio$`,
		`(?m)^  start, ns +[1-9]\d* +[1-9]\d* +\d+\.\d\d$`,
		`(?m)^  wake and end, ns +\d+ +\d+ +\d+\.\d\d$`,
		`(?m)^  memory, bytes +[1-9]\d{2,} +[1-9]\d{2,} +\d+\.\d\d$`,
		`(?m)^  time with 12000 over 1200 threads +\d+\.\d\d$`,
	} {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("no match for %s in the output:\n%s", want, &out)
		}
	}
	for _, want := range []string{
		"12000 threads, parked at a channel\n",
		"12000 goroutines, asleep until they wake up\n",
		"1200 threads, asleep until they are cancelled\n",
		"  10000 started, ",
		"  all 12000 have run\n",
	} {
		if !strings.Contains(progress.String(), want) {
			t.Errorf("no %q in the progress:\n%s", want, &progress)
		}
	}
	checkJSON(t, file)
}

// checkJSON checks what -json has written.
func checkJSON(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]float64
	if err := json.Unmarshal(data, &values); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	if values["threads"] != 12000 {
		t.Errorf("threads is %v, want 12000", values["threads"])
	}
	for _, name := range []string{"memory_ratio", "start_ratio", "wake_ratio", "per_thread_growth"} {
		if values[name] <= 0 {
			t.Errorf("%s is %v, want a number above 0", name, values[name])
		}
	}
}

// A member that ends in another way than it should is found.
func TestWrongEnd(t *testing.T) {
	s := &shared{}
	side, _, err := newThreads(s, 1, gv.GrowingStacks)
	if err != nil {
		t.Fatal(err)
	}
	side.start(0)
	if err := side.close(); err != nil { // in place of the gate
		t.Fatal(err)
	}
	if err := side.wake(); err == nil {
		t.Error("a thread that was cancelled counts as woken by the gate")
	}
	if err := s.check(1); err == nil || !strings.HasPrefix(err.Error(), "0 of 1 were woken") {
		t.Errorf("check: error %v, want one that says that 0 of 1 were woken", err)
	}
}

func TestSlots(t *testing.T) {
	var out, progress bytes.Buffer
	err := run(t.Context(), []string{"-slots", "500"}, &out, &progress)
	if rt, openErr := gv.New(gv.Config{Engine: gv.Native}); openErr != nil {
		if err == nil || !strings.Contains(progress.String(), gv.ErrSlotsUnavailable.Error()) {
			t.Errorf("without the Native engine: %v\n%s", err, &progress)
		}
		t.Skip(openErr)
	} else if err := rt.Close(); err != nil {
		t.Error(err)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, &progress)
	}
	for kind, virtual := range map[string]string{
		"GrowingStacks": `-?\d+`,
		"SlotStacks":    `\d{8}`, // 16 MiB and the share of the spare slots
	} {
		if want := `(?m)^` + kind + `( +-?\d+){4} +` + virtual + `$`; !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("no match for %s in the output:\n%s", want, &out)
		}
	}
}

func TestBadArguments(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"many"}, `parsing "many"`},
		{[]string{"0"}, "0 is not at least 10"},
		{[]string{"9"}, "9 is not at least 10"},
		{[]string{"1", "2"}, "2 arguments"},
		{[]string{"-fast"}, "flag provided but not defined"},
		{[]string{"-slots", "many"}, `parsing "many"`},
		{[]string{"-slots", "-json", "file"}, "leave one out"},
	} {
		err := run(t.Context(), tt.args, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("arguments %q: error %v, want one with %q", tt.args, err, tt.want)
		}
	}
}

func TestBadTask(t *testing.T) {
	t.Setenv(taskVariable, "much")
	if played, err := playChild(); !played || err == nil || !strings.Contains(err.Error(), `"much"`) {
		t.Errorf("played %t with error %v, want an error that quotes the variable", played, err)
	}
}
