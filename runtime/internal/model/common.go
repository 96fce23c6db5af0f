package model

// A flaw is what a known-bad variant of a model does wrong.
type flaw string

// A fiberWord is the word of an arch.Fiber. Up to wordLeaving, who resumes the fiber waits.
type fiberWord uint8

const (
	wordRunning fiberWord = iota
	wordLeaving
	wordParking
	wordParked
	wordToken
)

// A status is g.atomicstatus, without the scan bit.
type status uint8

const (
	gRunning status = iota
	gRunnable
	gWaiting
)

// A taskState is the state in a task's where.
type taskState uint8

const (
	taskRuns    taskState = iota
	taskReady             // in a queue
	taskWaits             // nowhere, and may be claimed
	taskClaimed           // nowhere, and belongs to the one who has claimed it
	taskOutside
	taskDone
)

// A task is where a task is: at a worker, or shared, or none.
type task struct {
	state taskState
	place uint8
}

// A board says where three tasks at most are, two workers, and the shared queue, as far as it
// is about who owns them.
type board struct {
	tasks [3]task
	cur   [2]uint8 // the workers' tasks
	locks [3]lock  // of the workers and shared
}

const (
	// shared is the place of the shared queue: those below are workers.
	shared = 2
	// none stands for no task, fiber, worker or OS thread.
	none = 0xff
	// unlimited is how much is left of what there is enough of.
	unlimited = 0xff
)

// put says where the task t is.
func (b *board) put(t uint8, state taskState, place uint8) { b.tasks[t] = task{state, place} }

// give makes t the task that has w, whose lock is held, if t is ready and in reach.
func (b *board) give(w, t uint8) bool {
	place := b.tasks[t].place
	ready := b.tasks[t].state == taskReady && (place == w || b.locks[place].free())
	b.cur[w] = t
	b.put(t, taskRuns, w)
	return ready
}

// some reports whether there is a task that w could be given to.
func (b board) some(w uint8) bool { return b.give(w, 0) || b.give(w, 1) || b.give(w, 2) }

// vacant reports whether w is vacant, and nobody is just giving it away.
func (b *board) vacant(w uint8) bool { return b.cur[w] == none && b.locks[w].free() }

// disagree reports whether a worker and its task don't agree.
func (b *board) disagree() bool {
	for w, cur := range b.cur {
		for t, k := range b.tasks {
			if b.locks[w].free() && (cur == uint8(t)) != (k.state == taskRuns && k.place == uint8(w)) {
				return true
			}
		}
	}
	return false
}

// lockPlace is lockPlace for t, whose wait nobody has claimed if settled returns true.
func (b *board) lockPlace(p *proc, t uint8, settled func() bool) (place uint8) {
	return p.part(func() uint8 {
		list, place := p.either(
			each("sees the task at", 3, func(place uint8) bool { return b.tasks[t].place == place }),
			one("sees that the task stays nowhere", func() bool { return b.tasks[t].place == none && settled() }))
		if list == 1 {
			return none
		}
		there := func() bool { return b.tasks[t].place == place }
		if list, _ = p.either(
			one("locks that place", func() bool { return there() && b.locks[place].take() }),
			one("finds that the task has left", func() bool { return !there() && b.locks[place].free() })); list == 1 {
			return again
		}
		return place
	})
}

// requirePlace is for steps that change what the lock of a place guards of t.
func (b *board) requirePlace(t, place uint8) {
	require(b.tasks[t].place == place, "a task is changed without the lock of its place")
}

// A lock is an arch.Lock.
type lock bool

func (l *lock) free() bool { return !bool(*l) }
func (l *lock) take() bool { return !swap((*bool)(l), true) }
func (l *lock) release()   { *l = false }

// A set is a set of small numbers.
type set uint8

func (s set) has(i uint8) bool { return s&(1<<i) != 0 }
func (s *set) add(i uint8)     { *s |= 1 << i }

// remove removes i, and reports whether it was there.
func (s *set) remove(i uint8) bool { return swap(s, *s&^(1<<i)).has(i) }

// swap sets v, and returns what it was.
func swap[T any](v *T, to T) (was T) {
	was, *v = *v, to
	return was
}

// cas sets v if it is from, and reports whether it was.
func cas[T comparable](v *T, from, to T) bool {
	if *v != from {
		return false
	}
	*v = to
	return true
}

// spend takes one of what is left, and reports whether there was one.
func spend(left *uint8) bool {
	was := *left
	if was != unlimited {
		*left--
	}
	return was > 0
}
