package gv

import (
	"context"
	"runtime/trace"
)

// While an execution trace is taken, threads that begin are tasks of package runtime/trace,
// and regions of the goroutines that carry them. A goroutine carries a thread from its
// first turn to its last, so the region ends where it has begun.

// traceType is the type of the tasks and regions of threads without a name.
const traceType = "gv.Thread"

// priorityCategory is that of what is logged of priorities.
const priorityCategory = "gv.priority"

// callTraced calls t's function in a task and a region. It calls the user's code before: the
// given context's Value.
func (t *Thread) callTraced() error {
	name := t.Name()
	if name == "" {
		name = traceType
	}
	ctx, task := trace.NewTask(t.given(), name)
	o := *t.opts()
	o.ctx = ctx // nobody else has seen t's context
	t.options.Store(&o)
	defer task.End()
	defer trace.StartRegion(ctx, name).End()
	trace.Log(ctx, priorityCategory, t.base().String())
	return t.fn(t.ctx())
}

// logPriority notes a change of t's priority: in t's task, if t has changed it itself, else
// on the goroutine of the one who has.
func (t *Thread) logPriority() {
	if Current() == t {
		trace.Log(t.given(), priorityCategory, t.base().String())
		return
	}
	trace.Logf(context.Background(), priorityCategory, "%s: %v", t.describe(), t.base())
}
