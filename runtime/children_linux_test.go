package gv_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// inherited is what a process has from the OS thread that has started it, which the
// runtime changes there.
type inherited struct {
	slice time.Duration // the operating system's time slice
	slack string        // of timers
}

// own returns what the calling OS thread has.
func own() (i inherited, err error) {
	attr, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		return i, err
	}
	slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	return inherited{time.Duration(attr.Runtime), fmt.Sprint(slack)}, err
}

var inheritedLine = regexp.MustCompile(`(?m)^inherited (\S+) (\S+)$`)

// childOf returns what a process has that the calling goroutine starts: the calling
// test, which calls tellInherited there.
func childOf(t *testing.T) (i inherited, err error) {
	cmd := childCommand(t, "-test.run=^"+strings.Split(t.Name(), "/")[0]+"$", "-test.v")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return i, fmt.Errorf("%w\n%s", err, out)
	}
	m := inheritedLine.FindSubmatch(out)
	if m == nil {
		return i, fmt.Errorf("the child says:\n%s", out)
	}
	i.slice, err = time.ParseDuration(string(m[1]))
	i.slack = string(m[2])
	return i, err
}

func tellInherited(t *testing.T) {
	i, err := own()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(os.Stdout, "\ninherited %v %v\n", i.slice, i.slack)
}

// openShort is open where the operating system grants short time slices.
func openShort(t *testing.T, c gv.Config) *gv.Runtime {
	t.Helper()
	c.Engine = gv.Native
	rt := open(t, c)
	if why := rt.Capabilities().Timer; why != "" {
		t.Skip(why)
	}
	if i, err := own(); err != nil || i.slice == 0 {
		t.Skipf("this kernel doesn't tell of time slices: %+v, %v", i, err)
	}
	return rt
}

// Processes that are started while a runtime is open have what they would have without
// it: those that goroutines start, and those that threads start, which have been given
// long time slices meanwhile.
func TestChildrenInheritNothing(t *testing.T) {
	if inChild() {
		tellInherited(t)
		return
	}
	if attr, err := unix.SchedGetAttr(0, 0); err != nil || attr.Nice < 0 {
		t.Skipf("a process with a nice value below 0 passes on what it has: %+v, %v", attr, err)
	}
	before, err := childOf(t)
	if err != nil {
		t.Fatal(err)
	}
	check := func(who string) {
		if got, err := childOf(t); err != nil || got != before {
			t.Errorf("a child that %s has started has %+v, %v; without a runtime it had %+v", who, got, err, before)
		}
	}
	rt := openShort(t, gv.Config{Workers: 1, TimeSlice: time.Millisecond})
	for range 2 {
		check("a goroutine")
	}
	beside := startSpinner(rt, gv.Normal, true)
	err = rt.Do(func(context.Context) error {
		for range 2 {
			if err := untilSlice(5 * time.Millisecond); err != nil {
				return err
			}
			check("a thread")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := beside.end(); err != nil {
		t.Error(err)
	}
}

// untilSlice computes until the calling OS thread has that time slice.
func untilSlice(want time.Duration) error {
	for {
		i, err := own()
		if err != nil || i.slice == want {
			return err
		}
		enginetest.Spin(1000)
		gv.Safepoint()
	}
}

// OS threads that Go starts while a runtime is open get the short time slice too.
func TestNewOSThreadsHaveShortSlices(t *testing.T) {
	rt := openShort(t, gv.Config{Workers: 1})
	results := make(chan error)
	const goroutines = 5
	for range goroutines {
		go func() { // locked to them, and at once: there are not so many OS threads yet
			goruntime.LockOSThread()
			var err error
			for err == nil {
				var i inherited
				if i, err = own(); i.slice == 100*time.Microsecond {
					break
				}
				time.Sleep(time.Millisecond)
			}
			results <- err
			<-t.Context().Done()
		}()
	}
	beside := startSpinner(rt, gv.Normal, true)
	other := startSpinner(rt, gv.Normal, true) // the Monitor is awake
	for range goroutines {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	for _, s := range []*spinner{beside, other} {
		if err := s.end(); err != nil {
			t.Error(err)
		}
	}
}

// What was changed in the process's OS threads is put back when the last runtime has
// closed.
func TestSlicesAreGivenBack(t *testing.T) {
	if !inOwnProcess(t) {
		return
	}
	goruntime.LockOSThread()
	defer goruntime.UnlockOSThread()
	before, err := own()
	if err != nil {
		t.Skip(err)
	}
	rt := mustOpen(t, gv.Config{Engine: gv.Native})
	if why := rt.Capabilities().Timer; why != "" || before.slice == 0 {
		mustClose(t, rt)
		t.Skip("no short time slices here: ", why)
	}
	during, err := own()
	if err != nil || during.slice >= before.slice {
		t.Errorf("with a runtime the slice is %v, %v; it was %v", during.slice, err, before.slice)
	}
	mustClose(t, rt)
	if after, err := own(); err != nil || after != before {
		t.Errorf("%+v, %v after Close, was %+v", after, err, before)
	}
}
