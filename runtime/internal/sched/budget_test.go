package sched

import (
	"testing"
	"time"
)

// budgeted returns a scheduler on whose worker a task runs that has a budget of ten ticks,
// and then is Low.
func budgeted(accounting bool) (s *Scheduler, w *worker, t *Task) {
	s = new(Scheduler)
	s.open(Config{Workers: 1, Bodies: testBodies{}, Watcher: noWatch{}, Accounting: accounting})
	w, t = s.workers[0], newTask(s, High)
	t.SetBudget(10*tick, Low)
	w.cur = t
	return s, w, t
}

// Without accounting, what the Monitor sees counts: all of a turn that it has seen before, of
// another one a tick or two, and nothing of what went by while it slept.
func TestBudgetBySight(t *testing.T) {
	s, w, task := budgeted(false)
	now := int64(time.Second)
	for _, test := range []struct {
		gap  time.Duration
		same bool
		left time.Duration
	}{
		{time.Hour, false, 10 * tick},
		{tick, true, 9 * tick},
		{3 * tick, true, 6 * tick},
		{tick / 2, false, 11 * tick / 2},
		{time.Minute, false, 11 * tick / 2},
		{5 * tick, true, tick / 2},
	} {
		now += int64(test.gap)
		next := s.monitor.chargeBudget(w, now, int64(test.gap), test.same)
		if _, left := task.Budget(); left != test.left {
			t.Errorf("after %v, the same turn: %v, %v are left, want %v", test.gap, test.same, left, test.left)
		}
		if want := now + int64(min(tick, test.left)); next != want {
			t.Errorf("the Monitor looks again after %d, want %d", next-now, want-now)
		}
	}
	if next := s.monitor.chargeBudget(w, now, int64(tick), true); next != never || !task.budget.spent {
		t.Errorf("the Monitor looks again at %d, and the budget is spent: %v", next, task.budget.spent)
	}
	if next := s.monitor.chargeBudget(w, now, int64(tick), true); next != never {
		t.Errorf("after the end of the budget the Monitor looks again at %d", next)
	}
	s.monitor.endBudgets()
	if p := task.Base(); p != Low {
		t.Errorf("its priority is %d, want %d", p, Low)
	}
}

// With accounting, the account counts, and the Monitor looks when the budget is over, or
// when a turn begins after that.
func TestBudgetByAccount(t *testing.T) {
	s, w, task := budgeted(true)
	m, begin := &s.monitor, int64(time.Second)
	turn := func(from, to time.Duration) {
		task.held.start(begin + int64(from))
		w.account.since, w.account.turn = begin+int64(from), task
		w.beginBudget(task)
		if next := m.chargeBudget(w, begin+int64(to), 0, false); next != never {
			t.Errorf("the Monitor looks again at %d", next)
		}
		task.held.stop(begin + int64(to))
	}
	expect := func(due time.Duration, spent bool) {
		t.Helper()
		if at := m.budgets.due.Load(); at != begin+int64(due) || task.budget.spent != spent {
			t.Errorf("the Monitor looks at %d, and it is spent: %v; want %d, %v", at-begin, task.budget.spent, due, spent)
		}
	}
	turn(0, 4*tick)
	expect(10*tick, false)
	turn(9*tick, 10*tick)
	m.budgets.expire(begin + int64(10*tick) - 1)
	expect(10*tick, false)
	m.budgets.expire(begin + int64(10*tick))
	if at := m.budgets.due.Load(); at != never {
		t.Errorf("what was due is still due at %d", at)
	}
	turn(20*tick, 24*tick)
	expect(25*tick, false)
	m.budgets.expire(begin + int64(26*tick))
	// This one has the rest of it, before the Monitor looks.
	task.held.start(begin + int64(30*tick))
	task.held.stop(begin + int64(31*tick))
	turn(40*tick, 40*tick)
	expect(40*tick, true)
	turn(50*tick, 60*tick)
	m.endBudgets()
	if p := task.Base(); p != Low || m.budgets.take() != nil {
		t.Errorf("its priority is %d, want %d", p, Low)
	}
}

// A turn of which the account says already that it is over is counted to its end.
func TestBudgetBetweenTurns(t *testing.T) {
	s, w, task := budgeted(true)
	task.held.start(1000)
	task.held.stop(1000 + int64(10*tick))
	s.monitor.chargeBudget(w, 2000, 0, false)
	if !task.budget.spent {
		t.Error("the budget is not spent")
	}
}

// What has been lowered further by the user, meanwhile, stays.
func TestDemote(t *testing.T) {
	s := queuesOnly(1)
	for _, test := range []struct{ base, then, want Priority }{
		{Critical, Low, Low}, {Critical, High, High}, {Low, Normal, Low}, {Normal, Normal, Normal},
	} {
		task := newTask(s, test.base)
		s.pushShared(task, Ready, false)
		task.demote(test.then)
		if task.Base() != test.want || task.Priority() != test.want || task.queued != test.want {
			t.Errorf("from %d by %d it is %d, in force %d, and queued as %d", test.base, test.then, task.Base(), task.Priority(), task.queued)
		}
	}
}
