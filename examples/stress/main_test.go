package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

func TestMain(m *testing.M) {
	played, err := playRole()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	case !played:
		os.Exit(m.Run())
	}
}

func TestStress(t *testing.T) {
	var out, progress bytes.Buffer
	if err := run([]string{"12000"}, &out, &progress); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`^12000 threads, (Native|Portable) engine\n`,
		`(?m)^start +[\d.]+ ms +\d+ ns a thread$`,
		`(?m)^finish +[\d.]+ ms +\d+ ns a thread$`,
		`(?m)^a parked thread takes [1-9]\d+ bytes: [1-9]\d+ of stack, [1-9]\d+ of heap$`,
	} {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("no match for %s in the output:\n%s", want, &out)
		}
	}
	for _, want := range []string{"10000 threads started, ", "12000 threads are parked\n"} {
		if !strings.Contains(progress.String(), want) {
			t.Errorf("no %q in the progress:\n%s", want, &progress)
		}
	}
}

func TestSlots(t *testing.T) {
	var out, progress bytes.Buffer
	err := run([]string{"-slots", "500"}, &out, &progress)
	if rt, openErr := gv.New(gv.Config{Engine: gv.Native}); openErr != nil {
		if err == nil || !strings.Contains(err.Error(), gv.ErrSlotsUnavailable.Error()) {
			t.Errorf("without the Native engine: %v", err)
		}
		t.Skip(openErr)
	} else if err := rt.Close(); err != nil {
		t.Error(err)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, &progress)
	}
	for _, kind := range []string{"GrowingStacks", "SlotStacks"} {
		if want := `(?m)^` + kind + `( +\d+){4}( +[1-9]\d+){3}$`; !regexp.MustCompile(want).MatchString(out.String()) {
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
		{[]string{"0"}, "0 is not at least 1"},
		{[]string{"-5"}, "-5 is not at least 1"},
		{[]string{"1", "2"}, "2 arguments"},
		{[]string{"-slots", "many"}, `parsing "many"`},
	} {
		if err := run(tt.args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("arguments %q: error %v, want one with %q", tt.args, err, tt.want)
		}
	}
}
