package sched

import "time"

// An Overdue task has waited for a worker for longer than Config.LateAfter.
type Overdue struct {
	Task   *Task
	Waited time.Duration
}

// overdueDepth is how many tasks of each list are looked at. Behind so many that are late,
// others have no news.
const overdueDepth = 64

// findOverdue tells the Watcher of tasks that have become overdue.
func (s *Scheduler) findOverdue(now int64) {
	if s.config.LateAfter == 0 || !s.watcher.Ready() {
		return
	}
	var found []Overdue
	for _, pl := range s.queues() {
		if pl.queue.top() == None {
			continue
		}
		pl.Lock.Lock()
		pl.queue.heads(Critical, overdueDepth, func(t *Task) {
			if waited := time.Duration(now - t.readyAt); waited > s.config.LateAfter && !t.late {
				t.late = true
				found = append(found, Overdue{t, waited})
			}
		})
		pl.Unlock()
	}
	if found != nil {
		s.watcher.Overdue(found)
	}
}
