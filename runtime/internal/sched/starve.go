package sched

import "github.com/gvthread/gvthread/arch"

// A task starves while it is ready and tasks of higher priorities have all workers. One
// that has starved for Config.MaxWait in all is boosted: it runs for a slice as if it were
// Critical. Those who wait for their equals don't starve: they have their turn when those
// before them in the line have had theirs. A class that has had less than its share starves
// sooner: see share.go.

// starvation is what the Monitor knows of it.
type starvation struct {
	// clocks say, for each priority, for how long higher ones have had all workers while
	// something was ready, as far as the Monitor has seen. The difference to what the clock
	// of its list said when a task was entered there is for how long it has starved.
	clocks [NumPriorities]arch.Word64

	// Only the Monitor uses what follows.

	counted int64 // until when the clocks count; 0 while nothing is ready
	boostedTasks
	at int64 // when the last of them was boosted
}

// count takes lowest to have been the lowest priority that has a worker since it was
// called last, if something has been ready since. If that is long ago, the Monitor was late,
// and knows of no more than a while.
func (v *starvation) count(lowest Priority, now int64) {
	if v.counted != 0 {
		d := min(now-v.counted, int64(2*tick))
		for p := lowest + 1; p < None; p++ {
			v.clocks[p].Store(v.clocks[p].Load() + uint64(d))
		}
	}
	v.counted = now
}

// move notes that t was put into the list of its queued priority. It comes from that of
// another, from, and has starved there.
func (v *starvation) move(t *Task, from Priority) {
	t.fed += v.clocks[t.queued].Load() - v.clocks[from].Load()
}

// starved returns for how long t, which is in a queue, has starved.
func (v *starvation) starved(t *Task) int64 { return int64(v.clocks[t.queued].Load() - t.fed) }

// lowest returns the lowest priority that has a worker, None if one is vacant and doesn't
// rest, which it does for high ones.
func (s *Scheduler) lowest() (p Priority) {
	rest := int32(s.vacant.n.Load()) == s.vacant.resting.Load()
	for _, w := range s.workers {
		if l := Priority(w.level.Load()); l != None || !rest {
			p = max(p, l)
		}
	}
	return p
}

// relieve boosts the task that has starved the longest, if that is too long. It boosts one
// at a time, so that those who are critical by themselves keep the other workers.
func (s *Scheduler) relieve(now int64) {
	v := &s.monitor.starvation
	if v.endSpent(); len(v.boosted) > 0 || v.at != 0 && now-v.at < int64(s.config.boost()) {
		return
	}
	if worst := s.starving(s.lowest()+1, Low, int64(s.config.MaxWait)); worst != nil {
		v.at = now
		v.boost(worst)
	}
}

// starving returns the ready task of the priorities from down to to that has starved the
// longest, if that is longer than least, else nil.
func (s *Scheduler) starving(from, to Priority, least int64) (worst *Task) {
	longest := least
	for _, pl := range s.queues() {
		if pl.queue.bits.Load()>>from == 0 {
			continue
		}
		pl.Lock.Lock()
		// A task that was preempted in its slice goes to the front, and may hide some that
		// have starved for longer: mostly no more than one a worker.
		pl.queue.heads(from, len(s.workers)+1, func(t *Task) {
			if d := s.monitor.starvation.starved(t); t.queued <= to && d > longest {
				worst, longest = t, d
			}
		})
		pl.Unlock()
	}
	return worst
}
