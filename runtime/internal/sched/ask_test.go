package sched

import "testing"

// A task that becomes ready, and that another worker takes before a worker is asked to make
// way for it, has none asked: the request would keep that worker from being asked for the
// next task, and a second one would make way.
func TestNoneIsAskedForTaskThatIsTaken(t *testing.T) {
	s := queuesOnly(2)
	low, free := s.workers[0], s.workers[1]
	low.level.Store(uint32(Low))
	p := s.pushShared(newTask(s, High), New, false)
	if w := s.askLowest(p); w != low || low.acknowledge() != preemptHigh {
		t.Fatalf("asked for a task that is ready: %v, want that one worker be asked", w != nil)
	}
	free.Lock.Lock()
	taken := free.pick(Low)
	free.Unlock()
	if w := s.askLowest(p); taken == nil || w != nil || low.acknowledge() != preemptNone {
		t.Errorf("the other worker has taken the task: %v; and one is asked to make way for it: %v", taken != nil, w != nil)
	}
}
