package sched

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gvthread/gvthread/arch"
)

// A priority that is changed while a boost ends is in force when both are done.
func TestPriorityChangedWhileBoostEnds(t *testing.T) {
	s := queuesOnly(1)
	w := s.workers[0]
	task := newTask(s, Low)
	w.Lock.Lock()
	w.give(task)
	w.Unlock()
	const rounds = 10_000
	var round, ended atomic.Int32
	var changer sync.WaitGroup
	changer.Go(func() {
		for n := range int32(rounds) {
			for spins := 0; round.Load() <= n; spins++ {
				arch.Pause(spins)
			}
			task.SetBase(Critical)
			ended.Add(1)
		}
	})
	for n := range int32(rounds) {
		task.SetBase(Low)
		task.boost()
		round.Store(n + 1)
		w.Lock.Lock()
		task.unboostOn(w)
		w.Unlock()
		task.unboost()
		for spins := 0; ended.Load() <= n; spins++ {
			arch.Pause(spins)
		}
		if p, level := task.Priority(), Priority(w.level.Load()); p != Critical || level != Critical {
			t.Errorf("round %d: the task is at %d, and its worker at %d, where its own priority is %d", n, p, level, Critical)
			break
		}
	}
	round.Store(rounds)
	changer.Wait()
}
