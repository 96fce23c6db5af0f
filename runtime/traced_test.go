package gv_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	goruntime "runtime"
	"runtime/trace"
	"slices"
	"strings"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// traceEvent is a line of go tool trace for an event of a task, a region or a log: its
// goroutine and what it is.
var traceEvent = regexp.MustCompile(`(?m)^M=\S+ P=\S+ G=(\d+) (\w+) Time=\S+ (.*)$`)

// traceEvents returns the events of that kind in an execution trace of what fn does, each
// with its goroutine first.
func traceEvents(t *testing.T, fn func()) (events []string) {
	t.Helper()
	if testing.Short() {
		t.Skip("reading traces takes its time")
	}
	var b bytes.Buffer
	if err := trace.Start(&b); err != nil {
		t.Fatal(err)
	}
	fn()
	trace.Stop()
	file := filepath.Join(t.TempDir(), "trace")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), traceTool(t), "-d=parsed", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	kinds := []string{"TaskBegin", "TaskEnd", "RegionBegin", "RegionEnd", "Log"}
	for _, m := range traceEvent.FindAllStringSubmatch(string(out), -1) {
		if slices.Contains(kinds, m[2]) {
			events = append(events, strings.Join(m[1:], " "))
		}
	}
	return events
}

// wantEvents checks that the events are among others in this order. %s stands for the
// number of the task that begins with the first event.
func wantEvents(t *testing.T, events []string, want ...string) {
	t.Helper()
	var task string
	rest := want
	for _, e := range events {
		if len(rest) == len(want) {
			_, id, _ := strings.Cut(e, "ID=")
			task, _, _ = strings.Cut(id, " ")
		}
		if len(rest) > 0 && strings.Contains(e, strings.ReplaceAll(rest[0], "%s", task)) {
			rest = rest[1:]
		}
	}
	if len(rest) > 0 {
		t.Errorf("there is no %q, in order, in\n%s", rest, strings.Join(events, "\n"))
	}
}

// A thread is a task in execution traces, and a region of its goroutine, with its
// priorities, however it ends.
func TestThreadsAreTasks(t *testing.T) {
	ends := map[string]func() error{
		"returns": func() error { return nil },
		"fails":   func() error { return errStop },
		"panics":  func() error { panic(errStop) },
		"exits":   func() error { goruntime.Goexit(); return nil },
	}
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		goroutines := map[string]uint64{}
		events := traceEvents(t, func() {
			for name, end := range ends {
				_ = rt.Go(func(context.Context) error {
					for i := range rt.Threads() {
						goroutines[i.Name] = i.Goroutine
					}
					gv.Yield()
					gv.Current().SetPriority(gv.Low)
					return end()
				}, gv.WithName(name)).Wait()
			}
		})
		for name := range ends {
			goroutine := ""
			if n := goroutines[name]; n != 0 { // else it can't be known
				goroutine = fmt.Sprint(n, " ")
			}
			wantEvents(t, events,
				fmt.Sprintf(`Parent=%d Type=%q`, ^uint64(0), name), // no parent
				fmt.Sprintf(`%sRegionBegin Task=%%s Type=%q`, goroutine, name),
				goroutine+`Log Task=%s Category="gv.priority" Message="Normal"`,
				goroutine+`Log Task=%s Category="gv.priority" Message="Low"`,
				fmt.Sprintf(`%sRegionEnd Task=%%s Type=%q`, goroutine, name),
				goroutine+`TaskEnd ID=%s `)
		}
	})
}

// So is one of Do, on the caller's goroutine, also without a name. What others do to its
// priority is told on their goroutines, and it is the parent of those that get its context.
func TestDoIsTask(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		var err error
		events := traceEvents(t, func() {
			trace.Log(context.Background(), "caller", "")
			err = rt.Do(func(ctx context.Context) error {
				self, set := gv.Current(), make(chan struct{})
				go func() {
					self.SetPriority(gv.High)
					close(set)
				}()
				gv.Block(func() { <-set })
				trace.Log(ctx, "mine", "")
				return gv.Do(func(context.Context) error { return nil }, gv.WithContext(ctx), gv.WithName("inner"))
			})
		})
		if err != nil {
			t.Error(err)
		}
		caller, _, _ := strings.Cut(events[0], " ")
		wantEvents(t, events[1:], caller+` TaskBegin `, caller+` RegionBegin Task=%s Type="gv.Thread"`,
			caller+` Log Task=%s Category="mine"`, caller+` TaskBegin`, caller+` RegionEnd Task=%s`, caller+` TaskEnd ID=%s`)
		wantEvents(t, events[1:], `TaskBegin`, `Parent=%s Type="inner"`)
		wantEvents(t, events, `Log Task=0 Category="gv.priority" Message="thread 1: High"`)
	})
}

// A given context that panics when it is asked for the trace's task is its thread's panic.
func TestTracedContextPanics(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		given := fragileContext{t.Context(), "Value of the trace", func(string) { panic(errStop) }}
		if err := trace.Start(io.Discard); err != nil {
			t.Fatal(err)
		}
		err := rt.Go(func(context.Context) error { return nil }, gv.WithContext(given)).Wait()
		trace.Stop()
		if !errors.Is(err, errStop) {
			t.Errorf("the thread ends with %v", err)
		}
	})
}
