package sched

import "slices"

// boostedTasks are those that were boosted for one reason. Only the Monitor uses them.
type boostedTasks struct {
	boosted []*Task
}

// boost boosts t.
func (b *boostedTasks) boost(t *Task) {
	b.boosted = append(b.boosted, t)
	t.boost()
}

// endSpent ends the boosts that help no more, and forgets the tasks.
func (b *boostedTasks) endSpent() {
	for _, t := range b.boosted {
		if t.boostSpent() {
			t.unboost()
		}
	}
	b.forget()
}

// forget lets go of the tasks that aren't boosted any more.
func (b *boostedTasks) forget() {
	b.boosted = slices.DeleteFunc(b.boosted, func(t *Task) bool { return !t.marks.has(markBoosted) })
}
