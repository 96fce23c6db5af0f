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

// endSpent ends the boosts that help no more, and lets go of the tasks that aren't boosted any
// more.
func (b *boostedTasks) endSpent() {
	b.boosted = slices.DeleteFunc(b.boosted, func(t *Task) bool {
		if t.boostSpent() {
			t.unboost()
		}
		return !t.marks.has(markBoosted)
	})
}

// end ends all boosts, of which none helps while nothing is ready.
func (b *boostedTasks) end() {
	for _, t := range b.boosted {
		t.unboost()
	}
	clear(b.boosted)
	b.boosted = b.boosted[:0]
}
