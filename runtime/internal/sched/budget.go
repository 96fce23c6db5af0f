package sched

import (
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// A budget is how long a task may run before it goes on at a lower priority. It is
// guarded by the lock of the worker that the task has.
//
// With accounting, the task's account says how much of it is used. Without, it is what the
// Monitor sees, which looks once a tick while a task with a budget runs: a task that
// has a worker at a look has had it since the look before.
type budget struct {
	limit int64
	then  Priority
	// seen is what the Monitor has seen of it, without accounting.
	seen arch.Word64
	// spent is set once, by the side that enters the task among those that have had theirs.
	spent bool
	next  *Task // of these
}

// SetBudget makes t, which has not begun, go on at the priority then, if that is lower, when
// it has run for d.
func (t *Task) SetBudget(d time.Duration, then Priority) {
	t.budget = &budget{limit: int64(d), then: then}
}

// Budget returns what SetBudget gave, and how much of it is left; 0 if it gave none.
func (t *Task) Budget() (d, left time.Duration) {
	b := t.budget
	if b == nil {
		return 0, 0
	}
	used := time.Duration(b.seen.Load())
	if t.s.config.Accounting {
		used = t.RunTime()
	}
	return time.Duration(b.limit), max(0, time.Duration(b.limit)-used)
}

// budgets is what the Monitor has to do for tasks that have one.
type budgets struct {
	// due is when it is to look at the latest, for a task that has got a worker. It is
	// kept apart from what else the Monitor plans: the task may have ended long before.
	due atomic.Int64
	// lock guards the list of those that have had their budget, and are to be demoted.
	lock  arch.Lock
	first *Task
}

// lookBy makes sure that the Monitor looks at the given time, for a budget.
func (m *monitor) lookBy(at int64) {
	for {
		due := m.budgets.due.Load()
		if at >= due {
			return
		}
		if m.budgets.due.CompareAndSwap(due, at) {
			m.wakeAt(at)
			return
		}
	}
}

// beginBudget is called when t, which has a budget, is given w, which the caller has locked.
func (w *worker) beginBudget(t *Task) {
	b, m := t.budget, &w.s.monitor
	switch {
	case b.spent:
	case w.account == nil:
		m.lookBy(Now() + int64(tick))
	default:
		// Turns may be too short for the Monitor to see any.
		now := w.account.since
		left := b.limit - t.held.at(now)
		if left <= 0 {
			m.budgets.enter(t)
		}
		m.lookBy(now + left)
	}
}

// chargeBudget looks after the budget of w's task, and returns when to do so again. The
// caller has locked w.
func (m *monitor) chargeBudget(w *worker, now, gap int64, same bool) (next int64) {
	t := w.cur
	b := t.budget
	if b.spent {
		return never
	}
	if w.account != nil {
		if left := b.limit - t.held.upTo(now); left > 0 {
			m.lookBy(now + left)
			return never
		}
	} else {
		if same || gap <= int64(2*tick) { // else the Monitor has slept
			b.seen.Store(b.seen.Load() + uint64(gap))
		}
		if left := b.limit - int64(b.seen.Load()); left > 0 {
			return now + min(left, int64(tick))
		}
	}
	m.budgets.enter(t)
	return never
}

// enter enters t, whose worker the caller has locked, among those that have had theirs.
func (v *budgets) enter(t *Task) {
	t.budget.spent = true
	v.lock.Lock()
	t.budget.next, v.first = v.first, t
	v.lock.Unlock()
}

// take takes one out, nil if there is none.
func (v *budgets) take() *Task {
	v.lock.Lock()
	defer v.lock.Unlock()
	t := v.first
	if t != nil {
		v.first, t.budget.next = t.budget.next, nil
	}
	return t
}

// endBudgets demotes the tasks that have had their budget.
func (m *monitor) endBudgets() {
	for t := m.budgets.take(); t != nil; t = m.budgets.take() {
		t.demote(t.budget.then)
		m.s.watcher.Spent(t)
	}
}

// expire forgets due, if that is over at the look that begins: a task that runs on is seen.
func (v *budgets) expire(now int64) {
	if due := v.due.Load(); due <= now {
		v.due.CompareAndSwap(due, never)
	}
}

// demote lowers t's own priority to p. If the user has just lowered it further, it stays.
func (t *Task) demote(p Priority) {
	for base := t.inherit.base.Load(); Priority(base) < p; base = t.inherit.base.Load() {
		if t.inherit.base.CompareAndSwap(base, uint32(p)) {
			break
		}
	}
	t.enforce()
}
