package gv

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// A budget is what WithBudget says.
type budget struct {
	limit time.Duration
	then  Priority
}

// WithBudget gives the thread a budget of run time: when it has run for d, it goes on at the
// priority then, as if SetPriority had been called. So one that turns out to take
// long makes way for those that don't. A d of 0 or less panics. Values of then that are no
// Priority count as Low, and a thread never becomes higher by its budget: one that is at then,
// or below, stays where it is.
//
// Run time is what Thread.RunTime says. With Config.Accounting the budget is exact:
// the thread is lowered at the first moment after it at which the Monitor looks, mostly within
// some 100 µs, but never before. Without, the Monitor looks once a millisecond which threads run:
// a thread that runs on is lowered a millisecond or two early or late; turns that are shorter than that
// count for a millisecond or not at all, and come out right on the whole.
//
// A thread has one budget for its life. SetPriority counts before the end of it and after:
// a thread that is raised again stays so. What a Mutex has lent to the thread, it
// keeps, and a boost too. Threads that it starts have no part in its budget.
// Config.Logger is told once, when the budget is used up, and Runtime.Threads and
// Runtime.Dump say how much is left.
func WithBudget(d time.Duration, then Priority) Option {
	if d <= 0 {
		panic(fmt.Sprintf("gv: WithBudget of %v: a budget must be above 0; leave the option out for none", d))
	}
	return func(o *threadOptions) { o.budget = budget{min(d, maxDuration), then.clamp()} }
}

// demoted is called, in a goroutine of its own, when t has had its budget, and its own
// priority has been lowered.
func (t *Thread) demoted() {
	t.propagate()
	l := t.rt().config.Logger
	if l == nil {
		return
	}
	d, _ := t.task.Budget()
	p := t.Priority()
	l.LogAttrs(context.Background(), slog.LevelWarn, fmt.Sprintf("gv: %s has had its budget of %v, and goes on as %v", t.describe(), d, p),
		slog.Uint64("thread", t.id), slog.String("name", t.Name()), slog.Duration("budget", d), slog.String("priority", p.String()))
}
