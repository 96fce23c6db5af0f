package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gvthread/gvthread/examples/internal/again"
	gv "github.com/gvthread/gvthread/runtime"
)

// The program starts itself again for each measurement: what one leaves behind, of
// memory and of goroutines that Go keeps for later, would help the next. The variable
// holds the task, as JSON.
const taskVariable = "GVTHREAD_STRESS_TASK"

// A task is one measurement.
type task struct {
	Way     way
	Threads bool // else goroutines
	N       int
	// Stacks is where threads have theirs.
	Stacks gv.StackKind
	// Sleep is for how long those sleep that wake up by themselves, from the first start.
	Sleep time.Duration
}

// playChild does the task that the variable holds, if there is one.
func playChild() (played bool, err error) {
	text := os.Getenv(taskVariable)
	if text == "" {
		return false, nil
	}
	var t task
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return true, fmt.Errorf("%s is %q, which is no task: %w: unset it", taskVariable, text, err)
	}
	c, err := t.measure(os.Stderr)
	if err != nil {
		return true, err
	}
	return true, json.NewEncoder(os.Stdout).Encode(c)
}

// apart measures t in a process of its own, which is killed when ctx ends.
func (t task) apart(ctx context.Context, progress io.Writer) (c cost, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%v in a process of their own: %w", t, err)
		}
	}()
	fmt.Fprintf(progress, "%v\n", t)
	text, err := json.Marshal(t)
	if err != nil {
		return c, err
	}
	env := []string{taskVariable + "=" + string(text)}
	if t.Stacks == gv.SlotStacks {
		env = append(env, again.WithSlots())
	}
	cmd, err := again.Command(ctx, "", env...)
	if err != nil {
		return c, err
	}
	cmd.Stderr = progress
	answer, err := cmd.Output()
	if err != nil {
		return c, err
	}
	err = json.Unmarshal(answer, &c)
	return c, err
}

// String says what the task is, for those who watch the progress.
func (t task) String() string {
	side := "goroutines"
	if t.Threads {
		side = "threads"
	}
	if t.Stacks != gv.GrowingStacks {
		side += " on slots"
	}
	return fmt.Sprintf("%d %s, %v", t.N, side, t.Way)
}
