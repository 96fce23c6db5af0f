package sched

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// await waits until n has come to be at least.
func await(n *atomic.Int32, least int32) {
	for spins := 0; n.Load() < least; spins++ {
		if spins > 1000 {
			runtime.Gosched()
		}
	}
}

// A priority that is changed while a boost ends is in force when both are done.
func TestPriorityChangedWhileBoostEnds(t *testing.T) {
	s := queuesOnly(1)
	w := s.workers[0]
	task := newTask(s, Low)
	w.Lock.Lock()
	w.give(task)
	w.Unlock()
	const rounds = 30_000
	var round, ended atomic.Int32
	var changer sync.WaitGroup
	changer.Go(func() {
		for n := range int32(rounds) {
			await(&round, n+1)
			for range n % 64 { // at different moments of what the other does
				round.Load()
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
		await(&ended, n+1)
		if p, level := task.Priority(), Priority(w.level.Load()); p != Critical || level != Critical {
			t.Errorf("round %d: the task is at %d, and its worker at %d, where its own priority is %d", n, p, level, Critical)
			break
		}
	}
	round.Store(rounds)
	changer.Wait()
}
