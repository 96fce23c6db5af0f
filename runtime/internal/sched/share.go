package sched

import "time"

// A class is the tasks of one priority, or what they inherit. Config.MinShare says which part
// of the workers' time it gets at least while some of it are ready. If it has had less
// lately, its tasks are boosted as those are that have starved for Config.MaxWait: the
// one that has starved the longest first.
//
// A balance says how much it has had. It grows by the share of the time in which tasks of
// the class wait, and shrinks by the time in which tasks of the class have workers, boosted
// or not. While none of them waits, it grows by no more than it shrinks: the class has what
// it wants. All that is as the Monitor sees it, which looks once a tick while anything waits.
// A task that has a worker at a look is taken to have had it since the look before: turns
// that are shorter count for a tick or not at all, and come out right on the whole.

// shareWindow is how far back a balance reaches. A class that has had more than its share
// for that long, or longer, begins to be boosted when higher ones have had all workers for
// that long; and no more is made up for than it has missed in that time.
const shareWindow = time.Second

// shares is what the Monitor, which alone uses it, knows of the shares.
type shares struct {
	// due are the balances, in nanoseconds of a worker's time: above 0 if the class has had
	// too little.
	due [NumPriorities]float64
	// had is what the classes have had since the last look.
	had [NumPriorities]int64
	// counted is when that was; 0 if nothing was ready then.
	counted int64
	// They were boosted for their classes: at most one a worker.
	boostedTasks
}

// shared reports whether a class has a share.
func (c *Config) shared() bool { return c.MinShare != [NumPriorities]float64{} }

// charge notes that a task of priority p has a worker, at which the Monitor last looked gap
// before. same says that it was in the same turn then.
func (v *shares) charge(p Priority, gap int64, same bool) {
	if !same {
		gap = min(gap, int64(tick)) // the Monitor may have slept for long
	}
	v.had[p] += gap
}

// balanceShares brings the balances up to now, after a look at all workers. If the look before,
// at which something was ready, is long ago, the Monitor was late, or the process was stopped:
// a while of that counts, as in starvation.count, and of what the classes have had the same part.
func (s *Scheduler) balanceShares(now int64) {
	v, workers := &s.monitor.shares, float64(len(s.workers))
	waiting := s.readyClasses()
	elapsed, counts := 0.0, 1.0
	if v.counted != 0 {
		elapsed = float64(now - v.counted)
		counts = min(1, float64(2*tick)/elapsed)
	}
	for p, share := range s.config.MinShare {
		had, grows := counts*float64(v.had[p]), counts*share*workers*elapsed
		if waiting&(1<<p) == 0 {
			grows = min(grows, had)
		}
		// What can be made up for is a boost for each worker at least, or those of a small
		// share would never come.
		window := share * workers * float64(shareWindow)
		v.due[p] = max(-window, min(v.due[p]+grows-had, window+workers*float64(s.config.boost())))
		v.had[p] = 0
	}
	v.counted = now
}

// readyClasses returns the set of the priorities that something is ready at.
func (s *Scheduler) readyClasses() (set uint32) {
	for _, pl := range s.queues() {
		set |= pl.queue.bits.Load()
	}
	return set
}

// owed reports whether a class has had too little. A boost goes on for as long, within a slice
// of the class: or there would be, behind each, a slice of those that are Critical by
// themselves.
func (v *shares) owed(p Priority) bool { return v.due[p] > 0 }

// boosts returns for how many tasks of priority p boosts are under way.
func (v *shares) boosts(p Priority) (n int) {
	for _, b := range v.boosted {
		if b.inherited() == p {
			n++
		}
	}
	return n
}

// serveShares boosts, for each class that has had too little, a task that is ready. The
// boosts that are under way are taken to be had already.
func (s *Scheduler) serveShares() {
	v, boost := &s.monitor.shares, int64(s.config.boost())
	v.endSpent()
	for class, share := range s.config.MinShare {
		p := Priority(class)
		if share == 0 || len(v.boosted) == len(s.workers) || v.due[p] < float64(boost)*float64(v.boosts(p)+1) {
			continue
		}
		if t := s.starving(p, p, -1); t != nil {
			v.boost(t)
		}
	}
}
