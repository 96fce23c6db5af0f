package sched

import "testing"

// One that has been outside is heard of once, when it is the first of its priority; and it
// goes before those that have not begun, but not before those that have.
func TestReturned(t *testing.T) {
	s := queuesOnly(1)
	fresh, first, second := newTask(s, Low), newTask(s, Low), newTask(s, Low)
	s.pushShared(fresh, Ready, false)
	if s.takeReturned(Low) {
		t.Error("a task that was not outside counts as one that was")
	}
	s.pushShared(first, Preempted, true)
	s.pushShared(second, Preempted, true)
	for _, want := range []*Task{first, second} {
		if s.takeReturned(Normal) {
			t.Error("a task counts for another priority")
		}
		if !s.takeReturned(Low) || s.takeReturned(Low) {
			t.Error("a task that was outside does not count once")
		}
		if got := popAt(&s.shared, Low); got != want {
			t.Error("tasks that were outside are not first, in their order")
		}
	}
	if s.takeReturned(Low) || popAt(&s.shared, Low) != fresh {
		t.Error("the one that was there before is not the last")
	}
}
