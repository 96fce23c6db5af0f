package gvtest

import (
	"fmt"
	"path/filepath"
	"reflect"
	goruntime "runtime"
	"strings"
	"text/tabwriter"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/schedule"
)

// An event is one step of a schedule: a thread has come to a point, or has ended, or, if
// thread is 0, time has gone on.
type event struct {
	thread  uint64
	name    string
	call    call
	point   schedule.Point
	ended   bool
	err     error
	advance time.Duration
}

// A call is a call of package gv, as program counters: of its own frame, and of its caller's.
type call struct{ callee, caller uintptr }

// callDepth bounds how deep a call is looked for: what package gv does inside.
const callDepth = 32

// An eventLog is what has happened in a schedule.
type eventLog struct {
	events []event
	places map[uintptr]place
}

// add notes an event.
func (l *eventLog) add(e event) { l.events = append(l.events, e) }

// findCall returns the innermost call of package gv from outside of it, of those that the
// caller is in.
func (l *eventLog) findCall() (c call) {
	var pcs [callDepth]uintptr
	for _, pc := range pcs[:goruntime.Callers(2, pcs[:])] {
		where, ok := l.places[pc]
		if !ok {
			where = placeOf(frameOf(pc))
			l.places[pc] = where
		}
		switch where {
		case inPackage:
			c.callee = pc
		case outside:
			c.caller = pc
			return c
		}
	}
	return c
}

// A place is where a frame is.
type place uint8

const (
	outside   place = iota
	inPackage       // in package gv, or in what stands between a point and that
	inlined         // the same, but part of a function that is outside: the body of an iterator
)

// ownPath begins the paths of the packages that are not outside.
const ownPath = "github.com/gvthread/gvthread/runtime"

// ownFolder is where the sources of package gv are, as frames have it.
var ownFolder = func() string {
	yield := goruntime.FuncForPC(reflect.ValueOf(gv.Yield).Pointer())
	file, _ := yield.FileLine(yield.Entry())
	return filepath.Dir(file)
}()

func placeOf(f goruntime.Frame) place {
	if rest, ok := strings.CutPrefix(f.Function, ownPath); ok {
		for _, pkg := range []string{".", "/internal/sched.", "/gvtest."} {
			if strings.HasPrefix(rest, pkg) {
				return inPackage
			}
		}
	}
	if filepath.Dir(f.File) == ownFolder && !strings.HasSuffix(f.File, "_test.go") {
		return inlined
	}
	return outside
}

func frameOf(pc uintptr) goruntime.Frame {
	f, _ := goruntime.CallersFrames([]uintptr{pc}).Next()
	return f
}

// String names the call and its place.
func (c call) String() string {
	if c.caller == 0 {
		return "a call\t"
	}
	name := strings.TrimPrefix(frameOf(c.callee).Function, ownPath+".")
	name, _, _ = strings.Cut(name, ".func") // of an iterator
	name = strings.NewReplacer("(*", "", ")", "", "[...]", "").Replace(name)
	f := frameOf(c.caller)
	return fmt.Sprintf("%s\t%s:%d", name, filepath.Base(f.File), f.Line)
}

// outcomes say what a thread does at a point.
var outcomes = map[schedule.Point]string{
	schedule.Passes: "", schedule.Yields: "yields", schedule.Waits: "waits", schedule.Leaves: "leaves its worker",
}

// columns describes e, with tabs between its columns.
func (e event) columns() string {
	switch {
	case e.thread == 0:
		return fmt.Sprintf("time\tgoes on by %v\t\t", e.advance)
	case e.err != nil:
		text, _, _ := strings.Cut(e.err.Error(), "\n")
		return fmt.Sprintf("%s\tends\t\t%s", e.who(), text)
	case e.ended:
		return e.who() + "\tends\t\t"
	}
	return fmt.Sprintf("%s\t%v\t%s", e.who(), e.call, outcomes[e.point])
}

// who names the thread.
func (e event) who() string {
	if e.name == "" {
		return fmt.Sprintf("thread %d", e.thread)
	}
	return fmt.Sprintf("thread %d %q", e.thread, e.name)
}

// shownEvents bounds the events that are written.
const shownEvents = 200

// String writes the last events, in the order in which they happened.
func (l *eventLog) String() string {
	var b strings.Builder
	shown := l.events
	if n := len(shown) - shownEvents; n > 0 {
		fmt.Fprintf(&b, "    (%d events before these)\n", n)
		shown = shown[n:]
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for _, e := range shown {
		fmt.Fprintln(w, "    "+e.columns())
	}
	w.Flush()
	for line := range strings.Lines(table.String()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}
