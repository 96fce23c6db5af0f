package real_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"runtime/trace"
	"sync"
	"testing"
	"time"

	exptrace "golang.org/x/exp/trace"

	gv "github.com/gvthread/gvthread/runtime"
)

// A life is what a trace has of a thread.
type life struct {
	task       exptrace.TaskID
	goroutine  exptrace.GoID // of the region
	priorities []string
	// ended says that the region has ended, on the same goroutine, and then the task.
	regionEnded, ended bool
}

// readTrace returns the lives of the threads in a trace, by name, and what is wrong with them.
func readTrace(r io.Reader) (lives map[string]*life, err error) {
	reader, err := exptrace.NewReader(r)
	if err != nil {
		return nil, err
	}
	lives = map[string]*life{}
	byTask := map[exptrace.TaskID]*life{}
	for {
		e, err := reader.ReadEvent()
		if err == io.EOF {
			return lives, nil
		}
		if err != nil {
			return nil, err
		}
		switch e.Kind() {
		case exptrace.EventTaskBegin:
			l := &life{task: e.Task().ID}
			lives[e.Task().Type], byTask[e.Task().ID] = l, l
		case exptrace.EventRegionBegin:
			byTask[e.Region().Task].goroutine = e.Goroutine()
		case exptrace.EventLog:
			if l := byTask[e.Log().Task]; e.Log().Category == "gv.priority" {
				l.priorities = append(l.priorities, e.Log().Message)
			}
		case exptrace.EventRegionEnd:
			l := byTask[e.Region().Task]
			if l.regionEnded || e.Goroutine() != l.goroutine {
				return nil, fmt.Errorf("the region of %+v ends on goroutine %v", l, e.Goroutine())
			}
			l.regionEnded = true
		case exptrace.EventTaskEnd:
			l := byTask[e.Task().ID]
			l.ended = l.regionEnded
		}
	}
}

// goroutine returns the number of the calling goroutine.
func goroutine() (n exptrace.GoID) {
	if _, err := fmt.Sscanf(string(debug.Stack()), "goroutine %d ", &n); err != nil {
		panic(err)
	}
	return n
}

// An execution trace has a task and a region for each thread, by name, whose goroutine is
// the one that carries the thread, and the priorities that the thread had.
func TestExecutionTrace(t *testing.T) {
	const threads = 20
	onEngines(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		var b bytes.Buffer
		if err := trace.Start(&b); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		carried := map[string]exptrace.GoID{}
		turns := func(context.Context) error {
			self := gv.Current()
			mu.Lock()
			carried[self.Name()] = goroutine()
			mu.Unlock()
			gv.Yield()
			err := gv.Sleep(time.Millisecond)
			self.SetPriority(gv.Low)
			gv.Block(func() { time.Sleep(time.Millisecond) })
			return err
		}
		err := rt.Run(func(context.Context) error {
			for i := range threads {
				gv.Go(turns, gv.WithName(fmt.Sprint("thread ", i)), gv.WithPriority(gv.High))
			}
			return nil
		}, gv.WithName("first"))
		visit := rt.Do(turns, gv.WithName("visitor"), gv.WithPriority(gv.High))
		trace.Stop()
		if err := errors.Join(err, visit); err != nil {
			t.Error(err)
		}
		lives, err := readTrace(&b)
		if err != nil {
			t.Fatal(err)
		}
		for name, g := range carried {
			l := lives[name]
			if l == nil || l.goroutine != g || !l.ended || fmt.Sprint(l.priorities) != "[High Low]" {
				t.Errorf("%s was on goroutine %d: %+v", name, g, l)
			}
		}
		if len(carried) != threads+1 || len(lives) != threads+2 || carried["visitor"] != goroutine() {
			t.Errorf("%d threads, %d of them in the trace", len(carried), len(lives))
		}
	})
}
