package gvtest_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	goruntime "runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A fake is a testing.TB whose failures are looked at.
type fake struct {
	testing.TB
	deadline time.Time

	mu              sync.Mutex
	text            strings.Builder
	failed, skipped bool
}

// try calls f with a fake, in a goroutine that this may end, and returns the fake. The test
// ends with stacks if that hangs.
func try(t *testing.T, f func(t *fake)) *fake {
	t.Helper()
	return tryUntil(t, time.Time{}, f)
}

// tryUntil is try with a fake that has a deadline, if that is not zero.
func tryUntil(t *testing.T, deadline time.Time, f func(t *fake)) *fake {
	t.Helper()
	defer watchdog()()
	fk := &fake{TB: t, deadline: deadline}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(fk)
	}()
	<-done
	return fk
}

// watchdog ends the process with the stacks of all goroutines if stop is not called in time.
func watchdog() (stop func()) {
	timer := time.AfterFunc(5*time.Minute, func() {
		pprof.Lookup("goroutine").WriteTo(os.Stderr, 2)
		panic("gvtest: a test hangs")
	})
	return func() { timer.Stop() }
}

func (f *fake) Deadline() (time.Time, bool) { return f.deadline, !f.deadline.IsZero() }
func (f *fake) Context() context.Context    { return context.Background() }
func (f *fake) Helper()                     {}
func (f *fake) Name() string                { return "TestFake/part" }

func (f *fake) note(failed bool, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.text.WriteString(text + "\n")
	f.failed = f.failed || failed
}

func (f *fake) Error(args ...any)                 { f.note(true, fmt.Sprint(args...)) }
func (f *fake) Errorf(format string, args ...any) { f.note(true, fmt.Sprintf(format, args...)) }

func (f *fake) Fatal(args ...any) {
	f.note(true, fmt.Sprint(args...))
	goruntime.Goexit()
}

func (f *fake) Fatalf(format string, args ...any) {
	f.note(true, fmt.Sprintf(format, args...))
	goruntime.Goexit()
}

func (f *fake) FailNow() {
	f.note(true, "FailNow")
	goruntime.Goexit()
}

func (f *fake) Skip(args ...any) {
	f.note(false, fmt.Sprint(args...))
	f.mu.Lock()
	f.skipped = true
	f.mu.Unlock()
	goruntime.Goexit()
}

func (f *fake) Failed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

func (f *fake) Skipped() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.skipped
}

// said returns what was logged.
func (f *fake) said() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.text.String()
}

// expect fails t if f has not failed, or has not said all of texts.
func (f *fake) expect(t *testing.T, texts ...string) {
	t.Helper()
	if !f.Failed() {
		t.Fatalf("it has not failed, and said: %s", f.said())
	}
	for _, text := range texts {
		if !strings.Contains(f.said(), text) {
			t.Errorf("%q is missing in: %s", text, f.said())
		}
	}
}

// expectNothing fails t if f has failed.
func (f *fake) expectNothing(t *testing.T) {
	t.Helper()
	if f.Failed() {
		t.Fatalf("it has failed: %s", f.said())
	}
}

var seedPattern = regexp.MustCompile(`-gvtest\.seed=(\d+)`)

// failure returns the seed and the schedule that f has reported.
func (f *fake) failure(t *testing.T) (seed uint64, schedule string) {
	t.Helper()
	f.expect(t)
	m := seedPattern.FindStringSubmatch(f.said())
	_, schedule, ok := strings.Cut(f.said(), "schedule:\n")
	if m == nil || !ok {
		t.Fatalf("no seed or no schedule in: %s", f.said())
	}
	seed, err := strconv.ParseUint(m[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return seed, schedule
}
